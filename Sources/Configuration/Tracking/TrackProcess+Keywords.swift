import ConfigurationSyntax
import Primitives

/// A `vrrp_track_process` while it is read.
struct TrackProcessDraft {
  let reading: Reading
  var process: TrackProcess
  var hasProcess = false

  init(name: String, reading: Reading) {
    self.reading = reading
    process = TrackProcess(name: name, process: "")
  }

  var name: String { process.name }
}

extension TrackProcess {
  private typealias Row = Keyword<TrackProcessDraft>

  /// The keywords of `vrrp_track_process`.
  static let keywords = KeywordTable<TrackProcessDraft>(
    "vrrp_track_process",
    [
      Row("process", "NAME|PATH [PARAMETER …]", default: "mandatory", "Program to count.") {
        draft, line, reader throws(ReadingStop) in
        let word = try line.word(1).text
        guard !draft.hasProcess else {
          reader.context.report(
            .general, "Process already set for track process \(draft.name) - ignoring \(word)",
            at: line)
          return
        }
        draft.hasProcess = true
        draft.process.process = word
        draft.process.parameters = line.arguments.dropFirst().map(\.text)
        if !draft.process.parameters.isEmpty {
          if draft.process.paramMatch == .none { draft.process.paramMatch = .exact }
          draft.process.fullCommand = true
        }
      },
      Row(
        "param_match", "[initial|partial]", default: "exact with parameters",
        "How parameters are compared."
      ) { draft, line, reader throws(ReadingStop) in
        let word = line.words.count > 1 ? line.words[1].text : "exact"
        switch word {
        case "exact": draft.process.paramMatch = .exact
        case "initial": draft.process.paramMatch = .initial
        case "partial": draft.process.paramMatch = .partial
        default:
          reader.context.report(
            .general, "Invalid param_match type \(word) - ignoring", at: line, word: 1,
            expected: "initial or partial")
          return
        }
        draft.process.fullCommand = true
      },
      Row(
        "weight", "N [reverse]", range: "-254 to 254", default: "0",
        "Default weight of track_process; 0 is a fault."
      ) { draft, line, _ throws(ReadingStop) in try readWeight(&draft, line) },
      Row("quorum", "N", range: "1 to 65535", default: "1", "Least number of processes.") {
        draft, line, reader throws(ReadingStop) in
        guard let value = try count(line, 1, draft) else { return }
        if value > draft.process.quorumMax {
          reader.context.report(
            .general, "Quorum is greater than quorum_max - ignoring", at: line, word: 1)
        } else {
          draft.process.quorum = value
        }
      },
      Row(
        "quorum_max", "N", range: "0 to 65535", default: "unlimited",
        "Greatest number of processes; 0: it must not run."
      ) { draft, line, reader throws(ReadingStop) in
        guard let value = try count(line, 0, draft) else { return }
        if value == 0 && draft.process.quorum <= 1 {
          draft.process.quorum = 0
        } else if value < draft.process.quorum {
          reader.context.report(
            .general, "quorum_max is less than quorum - ignoring", at: line, word: 1)
          return
        }
        draft.process.quorumMax = value
      },
      delay("delay", "Time before either kind of change counts.") {
        $0.terminateDelay = $1
        $0.forkDelay = $1
      },
      delay("terminate_delay", "Time before an end counts.") { $0.terminateDelay = $1 },
      delay("fork_delay", "Time before a start counts.") { $0.forkDelay = $1 },
      .flag("full_command", "Compare with the command line.") { $0.process.fullCommand = true },
    ])

  private static func complaint(
    _ what: String, _ draft: TrackProcessDraft, _ word: String, _ range: String
  ) -> String {
    "\(what) (\(word)) for vrrp_track_process \(draft.name) must be between [\(range)] inclusive."
      + " Ignoring..."
  }

  private static func count(_ line: Statement, _ least: UInt64, _ draft: TrackProcessDraft)
    throws(ReadingStop) -> UInt32?
  {
    let context = draft.reading.context
    if let value = try context.unsigned(line, 1, in: least...65535, .lenient) {
      return UInt32(truncatingIfNeeded: value)
    }
    let what = line.keyword == "quorum" ? "Quorum" : "quorum_max"
    context.report(
      .general, complaint(what, draft, try line.word(1).text, "\(least)..65535"), at: line, word: 1)
    return nil
  }

  private static func delay(
    _ name: String, _ help: String,
    set: @escaping @Sendable (inout TrackProcess, Microseconds) -> Void
  ) -> Keyword<TrackProcessDraft> {
    .time(
      name, Microseconds(1)...(.seconds(3600)), default: "0", help,
      invalid: { complaint(name, $0, $1, "0.000001..3600") }
    ) { set(&$0.process, $1) }
  }

  private static func readWeight(_ draft: inout TrackProcessDraft, _ line: Statement)
    throws(ReadingStop)
  {
    let context = draft.reading.context
    guard line.words.count > 1 else {
      context.report(
        .general, "No weight specified for track process \(draft.name) - ignoring", at: line)
      return
    }
    let word = try line.word(1).text
    guard draft.process.weight == 0 else {
      context.report(
        .general, "Weight already set for track process \(draft.name) - ignoring \(word)",
        at: line)
      return
    }
    guard let value = try context.signed(line, 1, in: -254...254, .lenient) else {
      context.report(
        .general, complaint("Weight", draft, word, "-254..254"), at: line, word: 1)
      return
    }
    draft.process.weight = Int16(truncatingIfNeeded: value)
    draft.process.isReversed = context.readReverse(line, "vrrp_track_process \(draft.name)")
  }
}

extension TrackProcessDraft {
  func completed(_ reader: BlockReader) -> TrackProcess? {
    if !hasProcess {
      reader.context.report(
        .general, "track process '\(name)' process name not specified", at: reader.location)
      return nil
    }
    if !reading.host.hasProcessEvents {
      reader.context.report(
        .general, "no kernel support for track_process (CONFIG_PROC_EVENTS)", at: reader.location)
      return nil
    }
    return process
  }
}
