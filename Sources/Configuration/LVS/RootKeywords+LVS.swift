import ConfigurationSyntax
import Primitives

extension RootKeywords {
  /// The blocks that only the checker process reads.
  static let lvsRows: [Row] = [
    Row("SSL", "{ … }", "What SSL_GET shows of itself.") {
      reading, _, reader throws(ReadingStop) in
      if reading.lvs.tls != nil {
        reader.context.report(
          .general, "SSL context already specified - replacing", at: reader.location)
      }
      var settings = TLSClientSettings()
      try reader.readBlock(TLSClientSettings.keywords, into: &settings)
      reading.lvs.tls = settings
    },
    Row(
      "virtual_server_group", "NAME { ADDR[-ADDR|/LEN] [PORT] | fwmark N [inet|inet6] … }",
      range: "PORT 1 to 65535", "Addresses and marks of one service."
    ) { reading, line, reader throws(ReadingStop) in
      try reading.readVirtualServerGroup(line, &reader)
    },
    Row(
      "virtual_server", "ADDR [PORT] | fwmark N | group NAME { … }",
      range: "PORT 1 to 65535, N 0 to 4294967295", default: "PORT all",
      "A service and the servers behind it."
    ) { reading, line, reader throws(ReadingStop) in
      try reading.readVirtualServer(line, &reader)
    },
  ]
}

extension Reading {
  fileprivate func readVirtualServer(_ line: Statement, _ reader: inout BlockReader)
    throws(ReadingStop)
  {
    guard let service = try readService(line) else {
      try reader.skipBlock()
      return
    }
    var draft = VirtualServerDraft(service: service, reading: self)
    try reader.readBlock(VirtualServer.keywords, into: &draft)
    if draft.checkAtEndOfBlock(reader) { virtualServers.append(draft) }
  }

  /// Nil after a report.
  private func readService(_ line: Statement) throws(ReadingStop) -> VirtualServer.Service? {
    let word = try line.word(1).text
    switch word {
    case "group": return .group(name: try line.word(2).text, ordinal: 0)
    case "fwmark":
      if let mark = try context.unsigned(line, 2, in: 0...UInt64(UInt32.max), .lenient) {
        return .mark(UInt32(truncatingIfNeeded: mark))
      }
      report(
        .general,
        "virtual server fwmark '\(line.words[2].text)' must be in [0, 4294967295] - ignoring",
        at: line, word: 2)
      return nil
    default:
      let address = ReadingContext.address(word)
      if let address, let port = try context.port(line, 2) { return .address(address, port: port) }
      let port = line.words.count > 2 ? line.words[2].text : nil
      report(
        .general,
        "Invalid virtual server IP address\(port == nil ? "" : "/port") "
          + "\(word)\(port.map { "/\($0)" } ?? "") - skipping", at: line, word: 1,
        expected: "an address, and a port from 1 to 65535")
      return nil
    }
  }

  fileprivate func readVirtualServerGroup(_ line: Statement, _ reader: inout BlockReader)
    throws(ReadingStop)
  {
    var group = VirtualServerGroup(name: try line.word(1).text)
    // The name is no superfluous word.
    var block = line
    block.words = [line.words[0]]
    try reader.readValues(of: block) { entry, reader throws(ReadingStop) in
      if let entry = try VirtualServerGroup.Entry(entry, group: group.name, reader.context) {
        group.entries.append(entry)
      }
    }
    func remove(_ reason: String) {
      reader.context.report(
        .general, "virtual server group \(group.name) \(reason) - removing", at: reader.location)
    }
    if group.entries.isEmpty { return remove("has no entries") }
    if group.families.count > 1 && group.hasMarkWithoutFamily {
      return remove("cannot have IPv4, IPv6 and fwmark without family")
    }
    lvs.groups.append(group)
  }
}

extension TLSClientSettings {
  private typealias Row = Keyword<TLSClientSettings>

  /// The keywords of `SSL`.
  static let keywords = KeywordTable<TLSClientSettings>(
    "SSL",
    [
      // Its text must not come into a message.
      Row("password", "TEXT", default: "none", "Passphrase of the key.") {
        settings, line, reader in
        guard line.words.count > 1 else {
          reader.context.report(.general, "SSL password missing", at: line)
          return
        }
        if settings.password != nil {
          reader.context.report(.general, "Duplicate SSL password - overwriting", at: line)
        }
        settings.password = line.words[1].text
      },
      file("ca", "Certificate authorities; servers are not verified.", "cafile", \.ca),
      file("certificate", "Own certificates (PEM).", "certfile", \.certificate),
      file("key", "Own private key (PEM).", "keyfile", \.key),
    ])

  private static func file(
    _ name: String, _ help: String, _ what: String,
    _ property: any WritableKeyPath<TLSClientSettings, String?> & Sendable
  ) -> Row {
    .string(name, "PATH", help, what: "SSL \(what)", missing: "SSL \(what) missing", property)
  }
}
