import ConfigurationSyntax

/// What people are told of one keyword: a row of the manual.
package struct KeywordDescription: Hashable, Sendable {
  /// The block in which it is valid; empty outside of all blocks.
  package var block: String
  package var name: String
  package var arguments: String
  package var range: String
  package var standard: String
  package var help: String
  /// It is read, and nothing happens yet.
  package var isWithoutEffect: Bool
}

extension Configuration {
  /// Every keyword of the global blocks, of VRRP, BFD and IPVS, in the order of the manual.
  package static var keywordReference: [KeywordDescription] {
    let root = KeywordTable<Reading>("", RootKeywords.all)
    let blocks: [[KeywordDescription]] = [
      describe(root), describe(GlobalDefinitions.keywords),
      describe(VRRPInstance.keywords), describe(Authentication.keywords),
      describe(AuthHMACSettings.keywords), describe(VMAC.words), describe(IPVLAN.words),
      describe(AddressLine.virtualWords), describe(AddressLine.staticWords),
      describe(RouteLine.words), describe(RouteLine.staticWords),
      describe(RouteLine.NextHop.words), describe(RouteLine.Encapsulation.ip4Words),
      describe(RouteLine.Encapsulation.ip6Words), describe(RuleLine.words),
      describe(RuleLine.staticWords), describe(VRRPSyncGroup.keywords),
      describe(GARPGroup.keywords),
      describe(TrackGroup.keywords), describe(VRRPScript.keywords), describe(TrackFile.keywords),
      describe(TrackProcess.keywords), describe(BFDInstance.keywords),
      describe(VirtualServer.keywords), describe(RealServer.keywords),
      describe(CheckerKeywords.tcp), describe(CheckerKeywords.http),
      describe(CheckerKeywords.https), describe(HTTPCheck.URL.tlsKeywords),
      describe(CheckerKeywords.smtp), describe(CheckerKeywords.smtpHost),
      describe(CheckerKeywords.dns), describe(CheckerKeywords.udp),
      describe(CheckerKeywords.ping), describe(CheckerKeywords.misc),
      describe(CheckerKeywords.bfd), describe(CheckerKeywords.file),
      describe(TLSClientSettings.keywords),
    ]
    return blocks.flatMap(\.self)
  }

  private static func describe<Tree>(_ table: KeywordTable<Tree>) -> [KeywordDescription] {
    table.rows.map { row in
      KeywordDescription(
        block: table.block, name: row.name, arguments: row.arguments, range: row.range,
        standard: row.standard, help: row.help, isWithoutEffect: row.effect == .none)
    }
  }

  private static func describe<Draft>(_ words: LineWords<Draft>) -> [KeywordDescription] {
    words.rows.map { row in
      KeywordDescription(
        block: words.line, name: row.name, arguments: row.arguments, range: row.range,
        standard: "", help: row.help,
        isWithoutEffect: row.isWithoutEffect)
    }
  }
}
