extension LineReader {
  /// Goes into the files of an `include`.
  func include(_ directive: IncludeDirective) throws(ReadingStop) {
    if files.depth >= context.limits.includeDepth {
      throw limit("include files within include files", context.limits.includeDepth)
    }
    let place = location(at: text.start)
    let found = try sources.open(
      directive.pattern, from: files.file?.directory ?? sources.workingDirectory,
      checks: directive.checks.union(context.includeChecks), context: context, at: place)
    files.splice(found)
    files.push(found, checks: context.includeChecks)
  }
}
