package import ConfigurationSyntax

/// Everything that a child needs to build the parent's tree: the files as they were read, and what
/// slow look-ups answered.
package struct ConfigurationSnapshot: Sendable {
  package let files: FilesSnapshot
  package let lookups: LookupAnswers

  package init(files: FilesSnapshot, lookups: LookupAnswers) {
    self.files = files
    self.lookups = lookups
  }

  package func encoded() -> [UInt8] {
    let answers = lookups.encoded()
    return LookupAnswers.octets(of: answers.count) + answers + files.encoded()
  }

  /// Nil for bytes that `encoded` did not make.
  package init?(decoding bytes: [UInt8]) {
    var rest = bytes[...]
    guard let count = LookupAnswers.count(&rest),
      let lookups = LookupAnswers(decoding: rest.prefix(count)),
      let files = try? FilesSnapshot(decoding: Array(rest.dropFirst(count)))
    else { return nil }
    self.lookups = lookups
    self.files = files
  }
}
