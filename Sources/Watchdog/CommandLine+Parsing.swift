import CommandLineOptions
import Logging

/// What words of a command line ask for.
extension CommandLine {
  /// `complain` is told what is wrong, a line each; `mention` what is superfluous.
  static func parse(
    _ arguments: [String], complain: (String) -> Void, mention: (String) -> Void
  ) -> Request {
    var scanner = OptionScanner(Array(arguments.dropFirst()), Option.all)
    var line = CommandLine()
    var words: [String] = []
    var isWrong = false
    while let event = scanner.next() {
      switch line.take(event) {
      case .applied: break
      case .word(let word): words.append(word)
      case .warning(let text): complain(text)
      case .wrong(let text):
        complain(text)
        isWrong = true
      case .answer(.genhash, let name):
        if scanner.rest.count + 2 < arguments.count {
          let shown = name.hasPrefix("--") ? String(name.dropFirst(2)) : name
          complain("Warning -- `\(shown)` not used as first option, previous options ignored")
        }
        let program = arguments.first ?? "keepalived"
        return .answer(.genhash(["\(program) --genhash"] + scanner.rest))
      case .answer(let answer, _): return .answer(answer)
      }
    }
    if isWrong { return .refuse }
    if !words.isEmpty {
      mention("Unexpected argument(s): " + words.map { $0 + " " }.joined())
    }
    return .run(line.completed)
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
    case word(String)
    /// Said, but ignored.
    case warning(String)
    case wrong(String)
    /// `name`: of the option that asks for it.
    case answer(Answer, name: String)
  }

  private mutating func take(_ event: OptionScanner<Option>.Event) -> Outcome {
    switch event {
    case .word(let word): .word(word)
    case .unknown(let text): .wrong("Unknown option \(text)")
    case .missingValue(let name): .wrong("Missing parameter for option \(name)")
    case .option(let option, let name, let value):
      // An empty argument is none; a short option takes it as it is.
      if value?.isEmpty == true && name.hasPrefix("--") {
        option.argumentRule == .required
          ? .wrong("Missing parameter for option \(name)") : apply(option, name, nil)
      } else {
        apply(option, name, value)
      }
    }
  }

  private mutating func apply(_ option: Option, _ name: String, _ value: String?) -> Outcome {
    switch option.effect {
    case .set(let action):
      action(&self, value)
      return .applied
    case .check(let action):
      return action(&self, value ?? "").map { .warning($0) } ?? .applied
    case .answer(let answer): return .answer(answer(value ?? ""), name: name)
    }
  }
}
