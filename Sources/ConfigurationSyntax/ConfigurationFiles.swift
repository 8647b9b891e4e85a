/// What the reader needs from the machine it runs on.
///
/// Paths, patterns and names are bytes: a file name need not be UTF-8. No function changes the
/// process's working directory: the directory that a relative path starts from is always given, as
/// an absolute path. Every answer may be asked for more than once.
package protocol ConfigurationFiles: AnyObject {
  /// The working directory of the process, as getcwd(3) gives it; `/` if that fails.
  func workingDirectory() -> [UInt8]

  /// The files that `pattern` stands for, as glob(3) with GLOB_MARK, GLOB_BRACE and the sorting of
  /// the C locale finds them from `directory`.
  ///
  /// Paths are spelled as glob(3) spells them: relative if the pattern is. Within one brace
  /// alternative they are sorted by bytes; the alternatives keep their order. A directory ends
  /// in `/`. The pattern `{}` stands for itself.
  func match(_ pattern: [UInt8], in directory: [UInt8]) -> PatternMatch

  /// The bytes of the file at `path`, relative to `directory`, that `match` has found.
  ///
  /// Symbolic links are followed. It must not block on a FIFO or a device: open with O_NONBLOCK and
  /// O_NOCTTY, look at the open descriptor, and only then read. No more than `limit` bytes are
  /// read.
  func read(_ path: [UInt8], in directory: [UInt8], limit: Int) -> FileContents

  /// The absolute directory that holds the file `path`, relative to `directory`, free of symbolic
  /// links: what getcwd(3) would say after chdir(2) to everything before the last `/`.
  func directory(of path: [UInt8], in directory: [UInt8]) -> DirectoryLookup

  /// The value of an environment variable, or nil if it is unset.
  func environment(_ name: [UInt8]) -> [UInt8]?

  /// The nodename of uname(2), whole.
  func nodeName() -> [UInt8]

  /// A number nobody can guess: the start of the sequence that `${_RANDOM}` draws from.
  func randomSeed() -> UInt64
}

/// What a pattern stands for.
package enum PatternMatch: Hashable, Sendable {
  /// At least one path. `missingAlternatives` tells that another brace alternative without a
  /// wildcard names nothing that exists.
  case found([[UInt8]], missingAlternatives: Bool)
  /// Nothing: a file or a directory that the pattern names in full does not exist (for at least one
  /// brace alternative: everything up to the last component with a wildcard counts as named).
  case missing
  /// Nothing: the directories exist, and no name in them fits the wildcards.
  case noMatch
  /// glob(3) returned this number (GLOB_NOSPACE 1, GLOB_ABORTED 2), or the alternatives of the
  /// pattern are too many to look at (GLOB_NOSPACE).
  case failed(Int32)
}

/// What became of opening a file.
package enum FileContents: Hashable, Sendable {
  case bytes([UInt8])
  case isDirectory
  /// No regular file, or one that somebody may execute, or a link to nothing.
  case notRegular
  /// open(2) or read(2) failed; the words of strerror(3).
  case failed(String)
  /// More than `limit` bytes.
  case tooLarge
}

/// What became of looking for a file's directory.
package enum DirectoryLookup: Hashable, Sendable {
  case path([UInt8])
  /// chdir(2) failed; the words of strerror(3).
  case failed(String)
}
