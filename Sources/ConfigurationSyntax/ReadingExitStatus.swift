/// What the program ends with because of its configuration.
package enum ReadingExitStatus {
  /// A missing parameter.
  package static let missingParameter: Int32 = 2
  package static let fatal: Int32 = 4
  package static let faulty: Int32 = 5
  /// Scripts that are not safe, or a configuration that is refused as a whole.
  package static let refused: Int32 = 6

  /// The status of `-t`. The highest class decides, also where a lower one is worse.
  package static func test(_ highest: Diagnostic.Class, stop: ReadingStop? = nil) -> Int32 {
    if case .missingParameter = stop { return missingParameter }
    switch highest {
    case .hint, .remark, .note, .message: return 0
    case .fileNotFound, .badInterface, .fatal: return fatal
    case .multipleFiles, .unknownKeyword, .unexpectedOpeningBrace, .missingOpeningBrace,
      .unexpectedClosingBrace, .missingClosingBrace, .unmatchedQuote, .missingParameter,
      .invalidNumber, .general, .warning, .deprecated:
      return faulty
    case .security, .include: return refused
    }
  }

  /// The status that a start ends with; nil if the configuration is good enough to run.
  package static func start(_ highest: Diagnostic.Class, stop: ReadingStop? = nil) -> Int32? {
    switch stop {
    case .missingParameter: return missingParameter
    case .limitExceeded: return refused
    case nil: return highest == .include ? refused : nil
    }
  }
}
