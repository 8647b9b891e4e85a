import ConfigurationSyntax

extension Keyword where Tree: NotifyOwner {
  /// `notify_… CMD [USER [GROUP]]`: the first one counts.
  static func notify(
    _ name: String, _ help: String,
    _ property: any WritableKeyPath<Tree, Script?> & Sendable
  ) -> Keyword {
    Keyword(name, "CMD [USER [[:]GROUP]]", default: "none", help) {
      tree, line, reader throws(ReadingStop) in
      let word = try line.command()
      guard tree[keyPath: property] == nil else {
        reader.context.report(
          .general, "(\(tree.name)) \(name) script already specified - ignoring \(word)", at: line)
        return
      }
      tree[keyPath: property] = try tree.reading.script(line, what: "notify")
    }
  }
}
