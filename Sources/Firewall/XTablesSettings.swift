/// Where rules of iptables and ip6tables go (`vrrp_iptables`, `vrrp_ipsets`).
package struct XTablesSettings: Hashable, Sendable {
  /// Chains of the table `filter`; nil: packets of that way are not filtered.
  package var inputChain: String?
  package var outputChain: String?
  /// Nil: a rule for each address.
  package var sets: IPSetNames?

  package init(inputChain: String?, outputChain: String?, sets: IPSetNames?) {
    self.inputChain = inputChain
    self.outputChain = outputChain
    self.sets = sets
  }
}

/// The sets that addresses and VMACs are in.
package struct IPSetNames: Hashable, Sendable {
  package var ipv4: String
  package var ipv6: String
  /// Link-local addresses with their interfaces.
  package var ipv6Interface: String
  package var igmp: String
  package var mld: String
  package var neighborDiscovery: String

  /// The kernel's limit, without the NUL.
  private static let longest = 31

  /// What is not given is derived of the first and second one.
  package init(_ given: [String] = []) {
    func name(_ index: Int, _ stem: String, _ ending: String) -> String {
      if given.indices.contains(index) { return given[index] }
      return String(decoding: stem.utf8.prefix(Self.longest - ending.utf8.count), as: UTF8.self)
        + ending
    }
    ipv4 = name(0, "keepalived", "")
    ipv6 = name(1, ipv4, "6")
    ipv6Interface = name(2, ipv6.hasSuffix("6") ? String(ipv6.dropLast()) : ipv6, "_if6")
    igmp = name(3, ipv4, "_igmp")
    mld = name(4, ipv4, "_mld")
    neighborDiscovery = name(5, ipv4, "_nd")
  }
}
