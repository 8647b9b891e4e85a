extension LineReader {
  /// Goes into the files of an `include`.
  func include(_ directive: IncludeDirective) throws(ReadingStop) {
    if input.files.depth >= context.limits.includeDepth {
      throw limit("include files within include files", context.limits.includeDepth)
    }
    let place = location(at: input.text.start)
    let found = try sources.open(
      directive.pattern, from: input.files.file?.directory ?? sources.workingDirectory,
      checks: directive.checks.union(context.includeChecks), context: context, at: place)
    input.files.include(found, checks: context.includeChecks)
  }
}
