/// What all handlers share while one configuration is read, in all its views.
package final class ReadingContext {
  /// Whether a number with trailing garbage is refused (`-t`) or read as far as it goes.
  package enum Strictness: Sendable { case test, run }

  package let strictness: Strictness
  package let limits: ReadingLimits
  /// Everything that was found, each fault once.
  package private(set) var diagnostics: [Diagnostic] = []
  /// The highest class that was found, also of faults that are not kept.
  package private(set) var highestClass: Diagnostic.Class = .message
  /// What holds for every include from here to the end of the file; `include_check` sets it.
  package var includeChecks: IncludeChecks = []
  /// For excerpts.
  var sources: SourceSet?
  private var known: [Fault: Int] = [:]

  /// What makes two diagnostics the same: the parent leaves out the file's name.
  private struct Fault: Hashable {
    var source: Int
    var line: Int
    var message: String
  }

  package init(strictness: Strictness, limits: ReadingLimits = ReadingLimits()) {
    self.strictness = strictness
    self.limits = limits
  }

  // MARK: - Diagnostics

  package func report(
    _ class: Diagnostic.Class, _ message: String, at statement: Statement? = nil,
    word: Int = 0, expected: String? = nil
  ) {
    var place = statement?.location
    if let statement, word > 0, word < statement.words.count {
      place?.column = statement.words[word].column
    }
    report(`class`, message, at: place, expected: expected)
  }

  /// `expected` is only asked for if the fault is a new one.
  package func report(
    _ class: Diagnostic.Class, _ message: String, at place: SourceLocation?,
    expected: @autoclosure () -> String? = nil
  ) {
    if note(`class`, message, at: place) {
      add(diagnostic(`class`, message, at: place, expected: expected()))
    }
  }

  /// Reports what was made elsewhere.
  package func report(_ diagnostic: Diagnostic) {
    if note(diagnostic.class, diagnostic.message, at: diagnostic.location) { add(diagnostic) }
  }

  /// Whether the fault is to be kept: not one that is kept already. Of one that several views find,
  /// the form with the file's name is kept.
  private func note(_ class: Diagnostic.Class, _ message: String, at place: SourceLocation?)
    -> Bool
  {
    highestClass = max(highestClass, `class`)
    let fault = Fault(source: place?.source ?? -1, line: place?.line ?? 0, message: message)
    if let index = known[fault] {
      if let place, place.file != nil { diagnostics[index].location = place }
      return false
    }
    if diagnostics.count >= limits.diagnostics { return false }
    known[fault] = diagnostics.count
    return true
  }

  private func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Looking for the nearest keyword takes long: who has made so many mistakes has other troubles.
  var hasRoomForSuggestions: Bool { diagnostics.count < limits.suggestions }

  /// A diagnostic with the line that it is about.
  func diagnostic(
    _ class: Diagnostic.Class, _ message: String, at place: SourceLocation?,
    expected: String? = nil
  ) -> Diagnostic {
    var excerpt: String?
    if let place, let sources, place.source < sources.opened.count {
      excerpt = sources.opened[place.source].line(place.line).map(Secrets.masked)
    }
    return Diagnostic(`class`, message, at: place, expected: expected, excerpt: excerpt)
  }

  /// Says that the words from `index` on have no effect, unless something was said of their line.
  func hintOfSuperfluous(
    _ index: Int, of statement: Statement, _ keywords: [String], since known: Int
  ) {
    let place = statement.location
    let isTold = diagnostics[known...].contains {
      $0.location?.line == place.line && $0.location?.source == place.source && $0.class > .hint
    }
    if isTold { return }
    let word = statement.words[index].text
    report(
      .hint, "'\(word)' behind '\(statement.keyword)' has no effect", at: statement, word: index,
      expected: keywords.contains(word) ? "'\(word)' on a line of its own" : nil)
  }

  /// Says what a row has to say about itself, once a configuration.
  func hint<Tree>(_ row: Keyword<Tree>, at statement: Statement) {
    let message: String
    switch row.effect {
    case .effective: return
    case .none: message = "'\(row.name)' is read, but has no effect yet"
    case .deprecated(let use): message = "'\(row.name)' is deprecated - please use '\(use)'"
    }
    if hinted.insert(message).inserted { report(.hint, message, at: statement) }
  }

  private var hinted: Set<String> = []
}
