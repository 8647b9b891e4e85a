import Primitives

package enum FilterChain: Hashable, Sendable {
  case `in`, out, inLinkLocal, outLinkLocal

  package enum Hook: Hashable, Sendable { case input, output }

  package var name: String {
    switch self {
    case .in: "in"
    case .out: "out"
    case .inLinkLocal: "in_link_local"
    case .outLinkLocal: "out_link_local"
    }
  }

  /// Where packets come to it; nil: from another chain only.
  package var hook: Hook? {
    switch self {
    case .in: .input
    case .out: .output
    case .inLinkLocal, .outLinkLocal: nil
    }
  }
}

/// A step of a rule; the first comparison or look-up that fails ends it.
package enum FilterExpression: Hashable, Sendable {
  package enum Header: Hashable, Sendable { case network, transport }
  package enum Register: UInt32, Hashable, Sendable { case first = 1, second }
  package enum Meta: Hashable, Sendable {
    case protocolNumber, inputIndex, inputName, outputIndex, outputName, outputKind
  }
  package enum Verdict: Hashable, Sendable { case drop, accept, goto(FilterChain) }

  case payload(Header, offset: UInt32, length: UInt32, into: Register)
  case meta(Meta, into: Register)
  case isEqual(Register, to: [UInt8])
  case mask(Register, [UInt8])
  case lookup(FilterSet, Register, into: Register? = nil)
  /// A copy of the packet to the address in the first register, by the interface in the second.
  case duplicate
  case counter
  case verdict(Verdict)
}

package struct FilterRule: Hashable, Sendable {
  package var chain: FilterChain
  package var expressions: [FilterExpression]
}

extension FilterPart {
  /// In the order in which the reference adds them.
  func rules(_ settings: FilterSettings, _ family: AddressFamily) -> [FilterRule] {
    let rules: [FilterRule] =
      switch (self, family) {
      case (.vmacs, .ipv4): [RuleText.groupReportsIPv4]
      case (.vmacs, .ipv6):
        [
          RuleText.parentAdvertisement(usesIndexes: settings.usesIndexes),
          RuleText.groupReportsIPv6, RuleText.routerSolicitation,
        ]
      case (.addresses, .ipv4):
        [RuleText.address(.in, .destination, .ipv4), RuleText.address(.out, .source, .ipv4)]
      case (.addresses, .ipv6):
        [
          RuleText.neighborDiscovery(.in), RuleText.linkLocal(.in, .destination, .inLinkLocal),
          RuleText.neighborDiscovery(.out), RuleText.linkLocal(.out, .source, .outLinkLocal),
          RuleText.address(.in, .destination, .ipv6), RuleText.address(.out, .source, .ipv6),
        ]
      case (.linkLocal, _):
        [
          RuleText.onInterface(.inLinkLocal, .destination, .inputIndex, .vipsLinkLocal),
          RuleText.onInterface(.outLinkLocal, .source, .outputIndex, .vipsLinkLocal),
        ]
      case (.linkLocalByName, _):
        [
          RuleText.onInterface(.inLinkLocal, .destination, .inputName, .vipsLinkLocalName),
          RuleText.onInterface(.outLinkLocal, .source, .outputName, .vipsLinkLocalName),
        ]
      }
    let possible = settings.duplicates ? rules : rules.map(\.withoutDuplicates)
    return settings.hasCounters ? possible.map(\.counting) : possible
  }
}

extension FilterRule {
  package var duplicates: Bool { expressions.contains(.duplicate) }

  fileprivate var withoutDuplicates: FilterRule {
    FilterRule(chain: chain, expressions: expressions.filter { $0 != .duplicate })
  }

  /// With a counter before the verdict.
  fileprivate var counting: FilterRule {
    var rule = self
    rule.expressions.insert(.counter, at: max(expressions.count - 1, 0))
    return rule
  }
}

/// The rules, as `nft` shows them in the comments.
private enum RuleText {
  enum Side { case source, destination }

  /// Numbers of protocols and of types of ICMPv6.
  private static let igmp: UInt8 = 2
  private static let icmpv6: UInt8 = 58
  private static let solicitation: UInt8 = 133
  private static let neighborAdvertisement: UInt8 = 136

  private static func load(_ side: Side, _ family: AddressFamily) -> FilterExpression {
    let offset: UInt32 =
      switch (side, family) {
      case (.source, .ipv4): 12
      case (.destination, .ipv4): 16
      case (.source, .ipv6): 8
      case (.destination, .ipv6): 24
      }
    return .payload(
      .network, offset: offset, length: UInt32(family.addressLength), into: .first)
  }

  /// `meta oifkind "macvlan"`
  private static let leavesByVMAC: [FilterExpression] = [
    .meta(.outputKind, into: .second), .isEqual(.second, to: "macvlan".interfaceOctets),
  ]

  /// `icmpv6 type …`: the type is in the first register.
  private static let isICMPv6: [FilterExpression] = [
    .meta(.protocolNumber, into: .first), .isEqual(.first, to: [icmpv6]),
    .payload(.transport, offset: 0, length: 1, into: .first),
  ]

  /// `dup to ip daddr device oif map @vmac_map drop`
  private static let duplicateToParent: [FilterExpression] = [
    .meta(.outputIndex, into: .second), .lookup(.vmacMap, .second, into: .second), .duplicate,
    .verdict(.drop),
  ]

  /// `ip protocol igmp meta oifkind "macvlan" dup to ip daddr device oif map @vmac_map drop`
  static let groupReportsIPv4 = FilterRule(
    chain: .out,
    expressions: [
      .payload(.network, offset: 9, length: 1, into: .first), .isEqual(.first, to: [igmp]),
      load(.destination, .ipv4),
    ] + leavesByVMAC + duplicateToParent)

  /// `icmpv6 type @mld-report meta oifkind "macvlan" dup to ip6 daddr device oif map @vmac_map
  /// drop`
  static let groupReportsIPv6 = FilterRule(
    chain: .out,
    expressions: isICMPv6 + [.lookup(.listenerReports, .first), load(.destination, .ipv6)]
      + leavesByVMAC + duplicateToParent)

  /// `icmpv6 type nd-neighbor-advert meta oifkind "macvlan" ip6 saddr . oifname
  /// @parent_link_local drop`
  static func parentAdvertisement(usesIndexes: Bool) -> FilterRule {
    FilterRule(
      chain: .out,
      expressions: isICMPv6 + [.isEqual(.first, to: [neighborAdvertisement])] + leavesByVMAC + [
        load(.source, .ipv6), .meta(usesIndexes ? .outputIndex : .outputName, into: .second),
        .lookup(.parentLinkLocal, .first), .verdict(.drop),
      ])
  }

  /// `icmpv6 type nd-router-solicit meta oifkind "macvlan" oif @vmac_set drop`
  static let routerSolicitation = FilterRule(
    chain: .out,
    expressions: isICMPv6 + [.isEqual(.first, to: [solicitation])]
      + leavesByVMAC + [
        .meta(.outputIndex, into: .second), .lookup(.vmacSet, .second), .verdict(.drop),
      ])

  /// `ip saddr @vips drop`
  static func address(_ chain: FilterChain, _ side: Side, _ family: AddressFamily) -> FilterRule {
    FilterRule(
      chain: chain,
      expressions: [load(side, family), .lookup(.vips, .first), .verdict(.drop)])
  }

  /// `icmpv6 type @neighbor-discovery accept`
  static func neighborDiscovery(_ chain: FilterChain) -> FilterRule {
    FilterRule(
      chain: chain,
      expressions: [
        .payload(.network, offset: 6, length: 1, into: .first), .isEqual(.first, to: [icmpv6]),
        .payload(.transport, offset: 0, length: 1, into: .first),
        .lookup(.neighborDiscovery, .first), .verdict(.accept),
      ])
  }

  /// `ip6 saddr fe80::/10 goto out_link_local`
  static func linkLocal(_ chain: FilterChain, _ side: Side, _ target: FilterChain) -> FilterRule {
    let rest: [UInt8] = Array(repeating: 0, count: 14)
    return FilterRule(
      chain: chain,
      expressions: [
        load(side, .ipv6), .mask(.first, [0xff, 0xc0] + rest),
        .isEqual(.first, to: [0xfe, 0x80] + rest), .verdict(.goto(target)),
      ])
  }

  /// `ip6 saddr . oif @vips_link_local drop`
  static func onInterface(
    _ chain: FilterChain, _ side: Side, _ meta: FilterExpression.Meta, _ set: FilterSet
  ) -> FilterRule {
    FilterRule(
      chain: chain,
      expressions: [
        load(side, .ipv6), .meta(meta, into: .second), .lookup(set, .first), .verdict(.drop),
      ])
  }
}
