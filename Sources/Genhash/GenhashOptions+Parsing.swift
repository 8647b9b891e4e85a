extension GenhashOptions {
  /// Reads the words behind the name of the program by the rules of getopt_long; nil if there is
  /// nothing to be done but to print the usage. `complain` is told why, a line each.
  package static func parse(_ words: [String], complain: (String) -> Void) -> GenhashOptions? {
    var options = GenhashOptions()
    var rest = words[...]
    var unexpected: [String] = []
    var isWrong = false
    while let word = rest.popFirst() {
      if word == "--" {
        unexpected += rest
        break
      }
      guard word.hasPrefix("-"), word != "-" else {
        unexpected.append(word)
        continue
      }
      let outcome =
        word.hasPrefix("--")
        ? options.long(word.dropFirst(2), &rest) : options.short(word.dropFirst(), &rest)
      switch outcome {
      case .applied: break
      case .wrong(let text):
        complain(text)
        isWrong = true
      case .refused(let text):
        complain(text)
        return nil
      case .help: return nil
      }
    }
    if !isWrong && !unexpected.isEmpty {
      complain("Unexpected argument(s): \(unexpected.joined(separator: " "))")
      isWrong = true
    }
    return isWrong || !options.isComplete ? nil : options
  }

  private enum Outcome {
    case applied
    /// Others may be wrong, too.
    case wrong(String)
    case refused(String)
    case help
  }

  private mutating func long(_ text: Substring, _ rest: inout ArraySlice<String>) -> Outcome {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let exact = Self.all.filter { $0.long == parts[0] }
    let candidates = exact.isEmpty ? Self.all.filter { $0.long.hasPrefix(parts[0]) } : exact
    guard candidates.count == 1, let option = candidates.first, !parts[0].isEmpty else {
      return .wrong("Unknown option --\(parts[0])")
    }
    let attached = parts.count > 1 ? String(parts[1]) : nil
    if attached != nil, !option.hasArgument { return .wrong("Unknown option --\(text)") }
    return apply(option, "--\(option.long)", attached, &rest)
  }

  /// A word may hold several options; the first one with an argument takes the rest of it.
  private mutating func short(_ text: Substring, _ rest: inout ArraySlice<String>) -> Outcome {
    var letters = text
    while let letter = letters.popFirst() {
      guard let option = Self.all.first(where: { $0.short == letter }) else {
        return .wrong("Unknown option -\(letter)")
      }
      if option.hasArgument {
        return apply(option, "-\(letter)", letters.isEmpty ? nil : String(letters), &rest)
      }
      let outcome = apply(option, "-\(letter)", nil, &rest)
      guard case .applied = outcome else { return outcome }
    }
    return .applied
  }

  private mutating func apply(
    _ option: Option, _ name: String, _ attached: String?, _ rest: inout ArraySlice<String>
  ) -> Outcome {
    switch option.effect {
    case .help: return .help
    case .flag(let action):
      action(&self)
      return .applied
    case .value(let action):
      guard let value = attached ?? rest.popFirst() else {
        return .wrong("Missing parameter for option \(name)")
      }
      return action(&self, value).map { .refused($0) } ?? .applied
    }
  }
}
