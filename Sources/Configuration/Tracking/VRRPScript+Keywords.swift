import ConfigurationSyntax
import Primitives

/// A `vrrp_script` while it is read.
struct ScriptDraft {
  let reading: Reading
  var name: String
  var arguments: [String]?
  var account: ScriptAccount?
  /// `user` names somebody who does not exist.
  var isRefused = false
  var interval = Microseconds.seconds(1)
  var timeout: Microseconds?
  var weight: Int16 = 0
  var isReversed = false
  var rise: UInt32 = 1
  var fall: UInt32 = 1
  var initFail = false

  init(name: String, reading: Reading) {
    self.reading = reading
    self.name = name
  }
}

extension VRRPScript {
  private typealias Row = Keyword<ScriptDraft>

  /// The keywords of `vrrp_script`.
  static let keywords = KeywordTable<ScriptDraft>(
    "vrrp_script",
    [
      Row("script", "CMD", default: "mandatory", "The command; </PATH tests that a file opens.") {
        draft, line, reader throws(ReadingStop) in
        // Without a command the end of the block tells.
        guard line.words.count > 1 else { return }
        draft.arguments = try reader.context.command(line)
      },
      time("interval", "1", "Time between starts.") { $0.interval = $1 },
      time("timeout", "interval", "Time limit of a run.") { $0.timeout = $1 },
      Row(
        "weight", "N [reverse]", range: "-253 to 253", default: "0",
        "Default weight of track_script; 0 is a fault."
      ) { draft, line, reader throws(ReadingStop) in
        let word = try line.word(1).text
        let range: ClosedRange<Int64> = -253...253
        var value = try reader.context.signed(line, 1, in: range, .lenient)
        if value == nil {
          reader.context.report(
            .general, "vrrp_script \(draft.name) weight \(word) must be in [-253, 253]", at: line,
            word: 1)
          // As 0 it would be a fault, not a weight.
          value = Int64(word).map { min(max($0, range.lowerBound), range.upperBound) }
        }
        guard let value else { return }
        draft.weight = Int16(truncatingIfNeeded: value)
        draft.isReversed = reader.context.readReverse(line, "vrrp_script \(draft.name)")
      },
      count("rise", "Successes before it counts as good.") { $0.rise = $1 },
      count("fall", "Failures before it counts as failed.") { $0.fall = $1 },
      Row("user", "USER [[:]GROUP]", default: "script_user", "Who it runs as.") {
        draft, line, reader throws(ReadingStop) in
        _ = try line.word(1)
        draft.account = draft.reading.account(line.arguments, at: line)
        draft.isRefused = draft.account == nil
        if draft.isRefused {
          let command = draft.arguments?.joined(separator: " ") ?? ""
          reader.context.report(
            .general, "Unable to set uid/gid for script '\(command)'", at: line, word: 1,
            expected: "an existing user and group")
        }
      },
      .flag("init_fail", effect: .none, "Counts as failed until the first result.") {
        $0.initFail = true
      },
    ])

  private static func time(
    _ name: String, _ standard: String, _ help: String,
    set: @escaping @Sendable (inout ScriptDraft, Microseconds) -> Void
  ) -> Keyword<ScriptDraft> {
    Keyword(name, "SECONDS", range: "0.001 to 4294 (0 becomes 1)", default: standard, help) {
      draft, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      let prefix = "(\(draft.name)): vrrp script \(name)"
      guard
        let value = try reader.context.decimal(line, 1, places: 3, in: 0...4_294_000, .lenient)
      else {
        reader.context.report(
          .general, "\(prefix) '\(word)' must be between 1 and 4294 - ignoring", at: line, word: 1)
        return
      }
      if value == 0 {
        reader.context.report(
          .general, "\(prefix) must be greater than 0, setting to 1", at: line, word: 1)
      }
      set(&draft, value == 0 ? .seconds(1) : .milliseconds(Int64(value)))
    }
  }

  private static func count(
    _ name: String, _ help: String, set: @escaping @Sendable (inout ScriptDraft, UInt32) -> Void
  ) -> Keyword<ScriptDraft> {
    .unsigned(
      name, "N", 1...UInt64(Int32.max), default: "1", help,
      invalid: { "(\($0.name)): vrrp script \(name) value '\($1)' invalid, defaulting to 1" },
      otherwise: { set(&$0, 1) }
    ) { set(&$0, UInt32(truncatingIfNeeded: $1)) }
  }
}

extension ScriptDraft {
  /// The script, if it can be used; reports at the end of the block why not.
  func completed(_ reader: BlockReader) -> VRRPScript? {
    guard let arguments, !arguments.isEmpty else {
      reader.context.report(
        .general, "No script set for vrrp_script \(name) - removing", at: reader.location)
      return nil
    }
    if isRefused { return nil }
    guard let account = account ?? reading.standardAccount(at: reader.location) else {
      reader.context.report(
        .general, "Unable to set default user for vrrp script \(name) - removing",
        at: reader.location)
      return nil
    }
    var script = VRRPScript(name: name, script: Script(arguments: arguments, account: account))
    script.interval = interval
    script.timeout = timeout ?? interval
    script.weight = weight
    script.isReversed = isReversed
    script.rise = rise
    script.fall = fall
    script.initFail = initFail
    return script
  }
}

extension ReadingContext {
  /// The word behind a weight: `reverse`.
  func readReverse(_ line: Statement, _ owner: String) -> Bool {
    guard line.words.count > 2 else { return false }
    if line.words[2].text == "reverse" { return true }
    report(
      .general, "\(owner) unknown weight option \(line.words[2].text)", at: line,
      word: 2, expected: "reverse")
    return false
  }
}
