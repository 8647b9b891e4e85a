import ConfigurationSyntax
import Primitives

/// Keywords about packet filters.
extension GlobalDefinitions {
  static let firewallKeywords: [GlobalKeyword] = [
    GlobalKeyword(
      "nftables", "[TABLE]", range: "1 to 254 characters", default: "keepalived",
      "Use nftables."
    ) { reading, line, _ throws(ReadingStop) in
      try readTable(line, "nftables", "keepalived", &reading.global.nftables, reading)
    },
    priority("nftables_priority") { global, value in
      global.nftables?.priority = value
    },
    .flag("nftables_ifindex", "Sets of link-local addresses hold indexes.") {
      $0.global.nftablesIfindex = true
    },
    .flag("nftables_counters", "Rules and maps count packets.") {
      $0.global.nftablesCounters = true
    },
    GlobalKeyword(
      "nftables_ipvs", "[TABLE]", range: "1 to 254 characters", default: "keepalived_ipvs",
      "Use nftables for the marks of virtual server groups."
    ) { reading, line, _ throws(ReadingStop) in
      try readTable(line, "ipvs nftables", "keepalived_ipvs", &reading.global.nftablesIPVS, reading)
    },
    priority("nftables_ipvs_priority") { global, value in
      global.nftablesIPVS?.priority = value
    },
    .unsigned(
      "nftables_ipvs_start_fwmark", "N", 1...UInt64(UInt32.max), .strict, default: "1000",
      "First mark; after nftables_ipvs.",
      invalid: { "invalid ipvs nftables start_fwmark priority '\($1)'" }
    ) { $0.global.nftablesIPVS?.startFwmark = UInt32(truncatingIfNeeded: $1) },
    GlobalKeyword(
      "vrrp_iptables", "[IN [OUT]]", range: "up to 28 characters each", default: "INPUT OUTPUT",
      "Chains of iptables to be used instead of nftables; IN alone: nothing that goes out."
    ) { reading, line, reader throws(ReadingStop) in
      checkNames(line, longest: 28, reader.context)
      let names = line.arguments.map(\.text)
      reading.global.iptables = IPTables(
        input: names.first ?? "INPUT",
        output: names.isEmpty ? "OUTPUT" : names.dropFirst().first)
    },
    GlobalKeyword(
      "vrrp_ipsets", "[NAME [NAME [NAME [NAME [NAME [NAME]]]]]]", range: "up to 31 characters each",
      default: "keepalived", "Names of the sets of `vrrp_iptables`; without one: no sets."
    ) { reading, line, reader throws(ReadingStop) in
      checkNames(line, longest: 31, reader.context)
      reading.global.ipsets = line.arguments.prefix(6).map(\.text)
    },
  ]

  /// Chains, or sets: each has a name of its own, which must not be longer than the kernel has it.
  private static func checkNames(_ line: Statement, longest: Int, _ context: ReadingContext) {
    var seen: Set<String> = []
    for (index, word) in line.words.enumerated().dropFirst() {
      if word.text.utf8.count > longest {
        context.report(
          .general, "\(line.keyword): name \(word.text) is too long", at: line, word: index,
          expected: "up to \(longest) characters")
      } else if !seen.insert(word.text).inserted {
        context.report(
          .general, "\(line.keyword): name \(word.text) used more than once", at: line, word: index)
      }
    }
  }

  private static func readTable(
    _ line: Statement, _ label: String, _ standard: String, _ tables: inout NFTables?,
    _ reading: Reading
  ) throws(ReadingStop) {
    guard tables == nil else {
      reading.report(.general, "\(label) already specified - ignoring", at: line)
      return
    }
    let name = line.words.count > 1 ? try line.word(1).text : standard
    guard !name.isEmpty, name.utf8.count <= 254 else {
      let fault = name.isEmpty ? "empty" : "too long"
      reading.report(
        .general, "VRRP Error : nftables chain name \(fault) - ignored", at: line, word: 1,
        expected: "1 to 254 characters")
      return
    }
    tables = NFTables(table: name)
  }

  private static func priority(
    _ name: String,
    set: @escaping @Sendable (inout GlobalDefinitions, Int32) -> Void
  ) -> GlobalKeyword {
    GlobalKeyword(
      name, "N", range: "-2147483648 to 2147483647", default: "-1",
      "Priority of the base chains; after the table."
    ) { reading, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      let range = Int64(Int32.min)...Int64(Int32.max)
      guard let value = try reader.context.signed(line, 1, in: range, .strict) else {
        reader.context.report(
          .invalidNumber, "invalid nftables chain priority '\(word)'", at: line, word: 1)
        return
      }
      set(&reading.global, Int32(truncatingIfNeeded: value))
    }
  }
}
