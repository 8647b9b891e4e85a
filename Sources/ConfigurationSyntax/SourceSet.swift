/// All files of one configuration, each as it was when it was opened.
final class SourceSet {
  let files: any ConfigurationFiles
  let configID: [UInt8]
  let workingDirectory: [UInt8]
  let randomSeed: UInt64
  private(set) var topLevel: [SourceFile] = []
  /// In the order of opening: the file numbers of `SourceLocation`.
  private(set) var opened: [SourceFile] = []
  private var bytesRead = 0

  /// `configID` nil stands for the node's name up to its first dot.
  init(files: any ConfigurationFiles, configID: [UInt8]?) {
    self.files = files
    self.configID = configID ?? Array(files.nodeName().prefix { $0 != Byte.dot })
    workingDirectory = files.workingDirectory()
    randomSeed = files.randomSeed()
  }

  /// Makes the next reading find the included files again.
  func forgetIncludes() {
    for file in topLevel { file.splices = [] }
  }

  /// Opens the file (or files) of the command line.
  ///
  /// Compatibility: if there is none at all, the configuration test only says so; it fails just
  /// where every include was to be checked.
  func openTopLevel(_ pattern: [UInt8], context: ReadingContext) throws(ReadingStop) {
    let testsAll = context.includeChecks == .all
    let checks = IncludeChecks.topLevel.union(context.includeChecks)
    var faults: [(isRefused: Bool, message: String)] = []
    topLevel = try open(pattern, from: workingDirectory, checks: checks, context, at: nil) {
      faults.append((checks.isSuperset(of: $0), $1))
    }
    for fault in faults {
      let lowest: Diagnostic.Class = fault.isRefused ? .include : .message
      context.report(
        topLevel.isEmpty ? (testsAll ? .fileNotFound : .message) : lowest, fault.message)
    }
    if topLevel.count > 1, let first = topLevel.first {
      context.report(
        .multipleFiles,
        "WARNING, multiple configuration file matches of \(pattern.text), starting with "
          + first.name)
    }
  }

  /// Opens all files that an include stands for, and reports what is wrong with it and them.
  func open(
    _ pattern: [UInt8], from directory: [UInt8], checks: IncludeChecks, context: ReadingContext,
    at place: SourceLocation
  ) throws(ReadingStop) -> [SourceFile] {
    try open(pattern, from: directory, checks: checks, context, at: place) { check, message in
      let isRefused = checks.isSuperset(of: check)
      // A wildcard without a match is nothing to talk of unless it was asked for: a directory of
      // fragments may be empty.
      let lowest: Diagnostic.Class = check == .wildcardMatch ? .note : .message
      context.report(isRefused ? .include : lowest, message, at: place)
    }
  }

  private func open(
    _ pattern: [UInt8], from directory: [UInt8], checks: IncludeChecks, _ context: ReadingContext,
    at place: SourceLocation?, report: (IncludeChecks, String) -> Void
  ) throws(ReadingStop) -> [SourceFile] {
    let paths: [[UInt8]]
    let isTooWide = Self.alternatives(pattern) > context.limits.alternatives
    switch isTooWide ? .failed(1) : files.match(pattern, in: directory) {
    case .found(let found, let missingAlternatives):
      if missingAlternatives {
        report(.braceMatch, "Some config files missing: \"\(pattern.text)\".")
        if checks.contains(.braceMatch) { return [] }
      }
      paths = found
    case .missing:
      let check: IncludeChecks = Self.hasBrace(pattern) ? .braceMatch : .match
      report(check, "Config files missing '\(pattern.text)'.")
      return []
    case .noMatch:
      report(.wildcardMatch, "No config files matched '\(pattern.text)'.")
      return []
    case .failed(let code):
      report(
        .read,
        "Error reading config file(s): glob(\"\(pattern.text)\") returned \(code), skipping.")
      return []
    }
    var found: [SourceFile] = []
    for path in paths {
      let file = try open(path, from: directory, context: context, at: place) { report(.read, $0) }
      if let file { found.append(file) }
    }
    if found.isEmpty { report(.read, "\(pattern.text) - no matching file") }
    return found
  }

  private func open(
    _ path: [UInt8], from directory: [UInt8], context: ReadingContext, at place: SourceLocation?,
    report: (String) -> Void
  ) throws(ReadingStop) -> SourceFile? {
    func refusal(_ what: String, _ limit: Int) -> ReadingStop {
      .limitExceeded(
        context.diagnostic(
          .include, "more than \(limit) \(what) - the configuration is refused", at: place))
    }
    if opened.count >= context.limits.files { throw refusal("files", context.limits.files) }
    let name = path.text
    let bytes: [UInt8]
    switch files.read(path, in: directory, limit: context.limits.bytes - bytesRead) {
    case .bytes(let contents): bytes = contents
    case .isDirectory:
      report("Configuration file '\(name)' is a directory - skipping")
      return nil
    case .notRegular:
      report("Configuration file '\(name)' is not a regular non-executable file - skipping")
      return nil
    case .failed(let reason):
      report("Configuration file '\(name)' open problem (\(reason)) - skipping")
      return nil
    case .tooLarge: throw refusal("bytes of files", context.limits.bytes)
    }
    bytesRead += bytes.count
    var home = directory
    if path.contains(Byte.slash) {
      switch files.directory(of: path, in: directory) {
      case .path(let found): home = found
      case .failed(let reason):
        let end = path.lastIndex(of: Byte.slash) ?? 0
        report("chdir(\(path[..<max(end, 1)].text)) error (\(reason))")
      }
    }
    let file = SourceFile(path: path, bytes: bytes, directory: home, number: opened.count)
    opened.append(file)
    return file
  }

  /// Whether `pattern` has a brace that no backslash protects.
  private static func hasBrace(_ pattern: [UInt8]) -> Bool {
    var escaped = false
    for byte in pattern {
      if byte == Byte.openingBrace, !escaped { return true }
      escaped = byte == Byte.backslash && !escaped
    }
    return false
  }

  /// How many patterns the braces stand for; they multiply.
  private static func alternatives(_ pattern: [UInt8]) -> Int {
    /// The braces around this place: what stood before them, and the alternatives so far.
    var around: [(before: Int, sum: Int)] = []
    var count = 1
    var escaped = false
    for byte in pattern {
      if escaped {
        escaped = false
        continue
      }
      switch byte {
      case Byte.backslash: escaped = true
      case Byte.openingBrace:
        around.append((count, 0))
        count = 1
      case Byte.comma where !around.isEmpty:
        around[around.count - 1].sum += count
        count = 1
      case Byte.closingBrace:
        if let group = around.popLast() {
          // Cut down, so that nothing overflows.
          count = min(group.before * (group.sum + count), 1 << 16)
        }
      default: break
      }
    }
    return around.reduce(count) { min($0 * $1.before * ($1.sum + 1), 1 << 16) }
  }
}
