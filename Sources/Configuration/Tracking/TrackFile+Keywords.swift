import ConfigurationSyntax
import Primitives

/// A `track_file` while it is read.
struct TrackFileDraft {
  let reading: Reading
  var name: String
  var file: String?
  var weight: Int16 = 1
  var isReversed = false
  var initFile: TrackFile.InitFile?

  init(name: String, reading: Reading) {
    self.reading = reading
    self.name = name
  }
}

extension TrackFile {
  private typealias Row = Keyword<TrackFileDraft>

  /// The keywords of `track_file`.
  static let keywords = KeywordTable<TrackFileDraft>(
    "track_file",
    [
      Row("file", "PATH", default: "mandatory", "File that holds a number.") {
        draft, line, reader throws(ReadingStop) in
        guard line.words.count > 1 else {
          reader.context.report(
            .general, "track file file name missing", at: line)
          return
        }
        let path = try line.word(1).text
        guard draft.file == nil else {
          reader.context.report(
            .general, "File already set for track file \(draft.name) - ignoring \(path)", at: line)
          return
        }
        draft.file = path
      },
      Row(
        "weight", "N [reverse]", range: "-254 to 254", default: "1",
        "Default weight of track_file: multiplies the number; 0 is a fault on another number."
      ) { draft, line, reader throws(ReadingStop) in try readWeight(&draft, line) },
      Row(
        "init_file", "[N] [overwrite]", range: "N -254 to 254", default: "off; N 0",
        "Write the file at the first start if it does not exist, or in any case."
      ) { draft, line, reader throws(ReadingStop) in try readInit(&draft, line) },
    ])

  private static func readWeight(_ draft: inout TrackFileDraft, _ line: Statement)
    throws(ReadingStop)
  {
    let context = draft.reading.context
    guard line.words.count > 1 else {
      context.report(
        .general, "No weight specified for track file \(draft.name) - ignoring", at: line)
      return
    }
    let word = try line.word(1).text
    guard draft.weight == 1 else {
      context.report(
        .general, "Weight already set for track file \(draft.name) - ignoring \(word)", at: line)
      return
    }
    guard let value = try context.signed(line, 1, in: -254...254, .lenient) else {
      context.report(
        .general,
        "Weight (\(word)) for track_file \(draft.name) must be between [-254..254] inclusive."
          + " Ignoring...", at: line, word: 1)
      return
    }
    draft.weight = Int16(truncatingIfNeeded: value)
    draft.isReversed = context.readReverse(line, "track_file \(draft.name)")
  }

  private static func readInit(_ draft: inout TrackFileDraft, _ line: Statement)
    throws(ReadingStop)
  {
    var initFile = InitFile()
    for word in line.arguments {
      if word.text == "overwrite" {
        initFile.overwrite = true
      } else if !word.text.hasPrefix("+"), let value = Int32(word.text) {
        if !(-254...254).contains(value) {
          draft.reading.report(
            .general,
            "Track file \(draft.name) init value \(value) is outside sensible range [-254, 254]",
            at: line)
        }
        initFile.value = value
      } else {
        draft.reading.report(
          .general, "Unknown track file init option \(word.text)", at: line,
          expected: "a number or overwrite")
      }
    }
    draft.initFile = initFile
  }
}

extension TrackFileDraft {
  /// The file, if it can be watched; reports at the end of the block why not.
  func completed(_ reader: BlockReader) -> TrackFile? {
    func refuse(_ message: String) -> TrackFile? {
      reader.context.report(.general, message, at: reader.location)
      return nil
    }
    guard let file else { return refuse("No file set for track_file \(name) - ignoring") }
    switch reading.host.trackFileDirectory(of: file) {
    case .watchable: break
    case .fileIsDirectory: return refuse("\(file) is a directory, not a file - ignoring")
    case .unresolvable(let code, let reason):
      return refuse("realpath() error \(code) (\(reason)) for \(file)")
    case .unwatchable:
      return refuse("The filesystem of \(file) is read only or cannot be monitored - ignoring")
    }
    if initFile?.overwrite == true && reading.host.isSpecialFile(file) {
      return refuse("Cannot initialise track file \(name) - it is not a regular file")
    }
    var trackFile = TrackFile(name: name, file: file)
    trackFile.weight = weight
    trackFile.isReversed = isReversed
    trackFile.initFile = initFile
    return trackFile
  }
}
