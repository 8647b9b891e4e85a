import ConfigurationSyntax

extension RootKeywords {
  /// `bfd_instance` as the BFD process reads it.
  static let bfdRows: [Row] = [
    Row("bfd_instance", "NAME { … }", "A BFD session.") {
      reading, line, reader throws(ReadingStop) in try reading.readBFDInstance(line, &reader)
    }
  ]
}

extension Reading {
  fileprivate func readBFDInstance(_ line: Statement, _ reader: inout BlockReader)
    throws(ReadingStop)
  {
    guard line.words.count > 1 else {
      report(.general, "bfd_instance must have a name - ignoring", at: line, expected: "one word")
      try reader.skipBlock()
      return
    }
    let name = try line.word(1).text
    let subject = "Configuration error: BFD instance \(name)"
    guard name.utf8.count <= BFDInstance.longestName else {
      report(
        .general,
        "\(subject) name too long (maximum length is \(BFDInstance.longestName) characters)"
          + " - ignoring", at: line, word: 1)
      try reader.skipBlock()
      return
    }
    guard !configuration.bfd.contains(where: { $0.name == name }) else {
      report(.general, "\(subject) already configured - ignoring", at: line, word: 1)
      try reader.skipBlock()
      return
    }
    var draft = BFDInstanceDraft(name: name)
    try reader.readBlock(BFDInstance.keywords, into: &draft)
    if let instance = draft.completed(beside: configuration.bfd, reader) {
      configuration.bfd.append(instance)
    }
  }
}
