import CommandLineOptions

extension GenhashOptions {
  /// Reads the words behind the name of the program; nil if there is nothing to be done but to
  /// print the usage. `complain` is told why, a line each.
  package static func parse(_ words: [String], complain: (String) -> Void) -> GenhashOptions? {
    var options = GenhashOptions()
    var scanner = OptionScanner(words, all)
    var unexpected: [String] = []
    var isWrong = false
    while let event = scanner.next() {
      switch event {
      case .word(let word): unexpected.append(word)
      case .unknown(let text):
        complain("Unknown option \(text)")
        isWrong = true
        scanner.skipWord()
      case .missingValue(let name):
        complain("Missing parameter for option \(name)")
        isWrong = true
      case .option(let option, _, let value):
        switch option.effect {
        case .help: return nil
        case .flag(let action): action(&options)
        case .value(let action):
          if let complaint = action(&options, value ?? "") {
            complain(complaint)
            return nil
          }
        }
      }
    }
    if !isWrong && !unexpected.isEmpty {
      complain("Unexpected argument(s): \(unexpected.joined(separator: " "))")
      isWrong = true
    }
    return isWrong || !options.isComplete ? nil : options
  }
}
