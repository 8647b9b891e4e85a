import ConfigurationSyntax

extension LinePosition {
  init(_ location: SourceLocation) {
    file = location.file
    line = Int32(clamping: location.line)
  }
}
