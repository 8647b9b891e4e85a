import Logging

/// The rules of GNU getopt_long: long options may be abbreviated, arguments of long options stand
/// behind `=` or in the next word, optional ones only attached, and words that are no option may
/// stand anywhere.
extension CommandLine {
  /// `complain` is told what is wrong, a line each; `mention` what is superfluous.
  static func parse(
    _ arguments: [String], complain: (String) -> Void, mention: (String) -> Void
  ) -> Request {
    var parser = Parser(rest: arguments.dropFirst()[...])
    var words: [String] = []
    var isWrong = false
    while let word = parser.rest.popFirst() {
      if word == "--" {
        words += parser.rest
        break
      }
      guard word.hasPrefix("-"), word != "-" else {
        words.append(word)
        continue
      }
      let outcomes =
        word.hasPrefix("--") ? [parser.long(word.dropFirst(2))] : parser.short(word.dropFirst())
      for outcome in outcomes {
        switch outcome {
        case .applied: break
        case .warning(let text): complain(text)
        case .wrong(let text):
          complain(text)
          isWrong = true
        case .answer(.genhash):
          if parser.rest.count + 2 < arguments.count {
            let name = word.hasPrefix("--") ? "genhash" : "-T"
            complain("Warning -- `\(name)` not used as first option, previous options ignored")
          }
          let program = arguments.first ?? "keepalived"
          return .answer(.genhash(["\(program) --genhash"] + parser.rest))
        case .answer(let answer): return .answer(answer)
        }
      }
    }
    if isWrong { return .refuse }
    if !words.isEmpty {
      mention("Unexpected argument(s): " + words.map { $0 + " " }.joined())
    }
    return .run(parser.line.completed)
  }

  /// `-t` implies to stay, not to start anything again, and to be quiet.
  private var completed: CommandLine {
    var line = self
    if case .no = configurationTest {
      // The console is for those who stay there.
      if !staysInForeground { line.log.toConsole = false }
    } else {
      line.staysInForeground = true
      line.respawns = false
      line.log.toSyslog = false
      line.log.isSilent = true
    }
    return line
  }

  private enum Outcome {
    case applied
    /// Said, but ignored.
    case warning(String)
    case wrong(String)
    case answer(Answer)
  }

  private struct Parser {
    var rest: ArraySlice<String>
    var line = CommandLine()

    mutating func long(_ text: Substring) -> Outcome {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts[0]
      let attached = parts.count > 1 ? String(parts[1]) : nil
      let exact = Option.all.filter { $0.long == name }
      let candidates = exact.isEmpty ? Option.all.filter { $0.long.hasPrefix(name) } : exact
      guard candidates.count == 1, let option = candidates.first, !name.isEmpty else {
        return .wrong("Unknown option --\(name)")
      }
      switch option.argument {
      case .none:
        return attached == nil ? apply(option, nil) : .wrong("Unknown option --\(text)")
      case .optional:
        return apply(option, attached?.isEmpty == true ? nil : attached)
      case .required:
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
          return .wrong("Missing parameter for option --\(option.long)")
        }
        return apply(option, value)
      }
    }

    /// A word may hold several options; the first one with an argument takes the rest of it.
    mutating func short(_ text: Substring) -> [Outcome] {
      var outcomes: [Outcome] = []
      var letters = text
      while let letter = letters.popFirst() {
        guard let option = Option.all.first(where: { $0.short == letter }) else {
          outcomes.append(.wrong("Unknown option -\(letter)"))
          continue
        }
        switch option.argument {
        case .none: outcomes.append(apply(option, nil))
        case .optional:
          outcomes.append(apply(option, letters.isEmpty ? nil : String(letters)))
          letters = ""
        case .required:
          if let value = letters.isEmpty ? rest.popFirst() : String(letters) {
            outcomes.append(apply(option, value))
          } else {
            outcomes.append(.wrong("Missing parameter for option -\(letter)"))
          }
          letters = ""
        }
      }
      return outcomes
    }

    private mutating func apply(_ option: Option, _ value: String?) -> Outcome {
      switch option.effect {
      case .set(let action):
        action(&line, value)
        return .applied
      case .check(let action):
        return action(&line, value ?? "").map { .warning($0) } ?? .applied
      case .answer(let answer): return .answer(answer(value ?? ""))
      }
    }
  }
}
