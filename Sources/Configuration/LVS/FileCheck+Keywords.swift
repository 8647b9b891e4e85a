import ConfigurationSyntax

/// A FILE_CHECK while it is read.
struct FileCheckDraft: CheckerDetails {
  var file: TrackFile?
  /// Nil for what the file says itself.
  var weight: (value: Int32, isReversed: Bool)?

  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    guard let file else {
      reader.context.report(
        .general, "FILE_CHECK has no track_file specified - ignoring", at: reader.location,
        expected: "track_file NAME")
      return []
    }
    return [
      .file(
        FileCheck(
          trackFile: file.name, weight: weight?.value ?? Int32(file.weight),
          isReversed: weight?.isReversed ?? file.isReversed))
    ]
  }
}

extension CheckerKeywords {
  private typealias Row = Keyword<CheckerDraft<FileCheckDraft>>

  /// The keywords of FILE_CHECK.
  static let file = KeywordTable<CheckerDraft<FileCheckDraft>>(
    "FILE_CHECK",
    [
      Row("track_file", "NAME", default: "mandatory", "A file that is defined above.") {
        draft, line, reader throws(ReadingStop) in
        let name = try line.word(1).text
        guard let file = draft.reading.lvs.trackFiles.first(where: { $0.name == name }) else {
          reader.context.report(
            .general, "track_file \(name) not found", at: line, word: 1,
            expected: "a name that is defined above this line")
          return
        }
        draft.details.file = file
      },
      Row(
        "weight", "N [reverse|noreverse]", range: "-2147483647 to 2147483647",
        default: "weight of the track_file",
        "Multiplies the number; 0 is a failure on another number."
      ) { draft, line, reader throws(ReadingStop) in try readWeight(&draft, line, reader.context) },
    ])

  private static func readWeight(
    _ draft: inout CheckerDraft<FileCheckDraft>, _ line: Statement, _ context: ReadingContext
  ) throws(ReadingStop) {
    guard line.words.count > 1 else {
      context.report(.general, "track file weight missing", at: line)
      return
    }
    let largest = Int64(Int32.max)
    guard let value = try context.signed(line, 1, in: -largest...largest, .lenient) else {
      context.report(
        .general,
        "weight for track file must be in [-2147483647..2147483647] inclusive. Ignoring...",
        at: line, word: 1)
      return
    }
    var isReversed = false
    if line.words.count > 2 {
      let word = line.words[2].text
      guard word == "reverse" || word == "noreverse" else {
        context.report(
          .general, "unknown track file weight option \(word) - ignoring", at: line, word: 2,
          expected: "reverse or noreverse")
        return
      }
      isReversed = word == "reverse"
    }
    draft.details.weight = (Int32(truncatingIfNeeded: value), isReversed)
  }
}
