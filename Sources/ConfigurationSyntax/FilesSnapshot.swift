/// Everything that one reading of a configuration was told by the machine.
///
/// Replayed, it makes every later reading see what the first one saw: the same files with the same
/// bytes, and the same failures.
package struct FilesSnapshot: Hashable, Sendable {
  package enum Answer: Hashable, Sendable {
    case match(pattern: [UInt8], directory: [UInt8], PatternMatch)
    case read(path: [UInt8], directory: [UInt8], FileContents)
    case directory(path: [UInt8], directory: [UInt8], DirectoryLookup)
  }

  /// A variable that was asked for; nil if it was not set.
  package struct Variable: Hashable, Sendable {
    package var name: [UInt8]
    package var value: [UInt8]?
  }

  package var workingDirectory: [UInt8] = []
  package var nodeName: [UInt8] = []
  package var randomSeed: UInt64 = 0
  package var variables: [Variable] = []
  /// In the order of the questions.
  package var answers: [Answer] = []

  package init() {}

  /// The names of the files that were read, as they were found.
  package var opened: [[UInt8]] {
    answers.compactMap { answer in
      if case .read(let path, _, .bytes) = answer { path } else { nil }
    }
  }
}

/// Passes questions on, and keeps the answers.
package final class RecordingFiles: ConfigurationFiles {
  private let files: any ConfigurationFiles
  package private(set) var snapshot = FilesSnapshot()
  private var variables: [[UInt8]: [UInt8]?] = [:]

  package init(_ files: any ConfigurationFiles) {
    self.files = files
    snapshot.workingDirectory = files.workingDirectory()
    snapshot.nodeName = files.nodeName()
    snapshot.randomSeed = files.randomSeed()
  }

  package func workingDirectory() -> [UInt8] { snapshot.workingDirectory }
  package func nodeName() -> [UInt8] { snapshot.nodeName }
  package func randomSeed() -> UInt64 { snapshot.randomSeed }

  package func environment(_ name: [UInt8]) -> [UInt8]? {
    if let known = variables[name] { return known }
    let value = files.environment(name)
    variables.updateValue(value, forKey: name)
    snapshot.variables.append(FilesSnapshot.Variable(name: name, value: value))
    return value
  }

  package func match(_ pattern: [UInt8], in directory: [UInt8]) -> PatternMatch {
    let answer = files.match(pattern, in: directory)
    snapshot.answers.append(.match(pattern: pattern, directory: directory, answer))
    return answer
  }

  package func read(_ path: [UInt8], in directory: [UInt8], limit: Int) -> FileContents {
    let answer = files.read(path, in: directory, limit: limit)
    snapshot.answers.append(.read(path: path, directory: directory, answer))
    return answer
  }

  package func directory(of path: [UInt8], in directory: [UInt8]) -> DirectoryLookup {
    let answer = files.directory(of: path, in: directory)
    snapshot.answers.append(.directory(path: path, directory: directory, answer))
    return answer
  }
}

/// Answers as the recorded ones were, in the same order.
///
/// A reader that gets the same answers asks the same questions, each reading from the first. A
/// question that is out of order finds nothing, and `hasDiverged` tells.
package final class ReplayedFiles: ConfigurationFiles {
  private let snapshot: FilesSnapshot
  private let variables: [[UInt8]: [UInt8]?]
  private var next = 0
  package private(set) var hasDiverged = false

  package init(_ snapshot: FilesSnapshot) {
    self.snapshot = snapshot
    variables = Dictionary(
      snapshot.variables.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// Starts again from the first question.
  package func rewind() { next = 0 }

  package func workingDirectory() -> [UInt8] { snapshot.workingDirectory }
  package func nodeName() -> [UInt8] { snapshot.nodeName }
  package func randomSeed() -> UInt64 { snapshot.randomSeed }

  package func environment(_ name: [UInt8]) -> [UInt8]? {
    variables[name] ?? nil
  }

  package func match(_ pattern: [UInt8], in directory: [UInt8]) -> PatternMatch {
    guard case .match(pattern, directory, let answer) = takeAnswer() else {
      hasDiverged = true
      return .missing
    }
    return answer
  }

  package func read(_ path: [UInt8], in directory: [UInt8], limit: Int) -> FileContents {
    guard case .read(path, directory, let answer) = takeAnswer() else {
      hasDiverged = true
      return .failed("not in the snapshot")
    }
    if case .bytes(let bytes) = answer, bytes.count > limit { return .tooLarge }
    return answer
  }

  package func directory(of path: [UInt8], in directory: [UInt8]) -> DirectoryLookup {
    guard case .directory(path, directory, let answer) = takeAnswer() else {
      hasDiverged = true
      return .failed("not in the snapshot")
    }
    return answer
  }

  private func takeAnswer() -> FilesSnapshot.Answer? {
    guard next < snapshot.answers.count else { return nil }
    next += 1
    return snapshot.answers[next - 1]
  }
}
