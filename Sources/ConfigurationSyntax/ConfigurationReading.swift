/// Reads one configuration, once for each process that uses it.
///
/// The parent's view should be the first: it opens the files, with the checks that `include_check`
/// asks for. The children's views read what it has found. All report to one context, where each
/// fault is kept once.
package final class ConfigurationReading {
  package let context: ReadingContext
  private let sources: SourceSet
  private let pattern: [UInt8]
  private let initialChecks: IncludeChecks
  private var isOpen = false
  private var parentHasRead = false

  /// - Parameters:
  ///   - pattern: what `-f` says.
  ///   - configID: what `-i` says; nil stands for the node's name.
  ///   - checks: what every include must keep to, from the start (`-e`).
  package init(
    _ pattern: [UInt8], files: any ConfigurationFiles, configID: [UInt8]? = nil,
    checks: IncludeChecks = [], context: ReadingContext
  ) {
    self.context = context
    self.pattern = pattern
    initialChecks = checks
    sources = SourceSet(files: files, configID: configID)
    context.sources = sources
  }

  /// Reads everything as `view` does, with its root keywords.
  package func read<Tree>(
    as view: ReadingView, _ table: KeywordTable<Tree>, into tree: inout Tree
  ) throws(ReadingStop) {
    context.includeChecks = initialChecks
    do {
      if !isOpen {
        isOpen = true
        try sources.openTopLevel(pattern, context: context)
      }
      if view == .parent {
        parentHasRead = true
        sources.forgetIncludes()
      } else if !parentHasRead {
        try findIncludes()
      }
      let lines = LineReader(context: context, sources: sources, view: view)
      var reader = BlockReader(lines: lines)
      try reader.readRoot(table, into: &tree)
    } catch {
      context.report(error.diagnostic)
      throw error
    }
  }

  /// Reads as the parent does, for the included files alone.
  private func findIncludes() throws(ReadingStop) {
    parentHasRead = true
    let lines = LineReader(context: context, sources: sources, view: .parent)
    while try lines.advance() {}
  }

  /// Whether there was any file to read. Without one a start ends with `ReadingExitStatus.refused`.
  package var foundFile: Bool { !sources.topLevel.isEmpty }
}
