import ConfigurationSyntax

/// Of what the reader knows, as much as is kept for each line.
extension LinePosition {
  init(_ location: SourceLocation) {
    file = location.file
    line = Int32(clamping: location.line)
  }
}
