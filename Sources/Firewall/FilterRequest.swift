package import Primitives

/// What is the same for all that is in the tables.
package struct FilterSettings: Hashable, Sendable {
  /// Of the tables of both families.
  package var name: String
  /// Of the chains that packets come to.
  package var priority: Int32
  package var hasCounters: Bool
  /// Link-local addresses go with indices of interfaces, never with names.
  package var usesIndexes: Bool
  /// Reports of group memberships leave by the parent of a VMAC; else nobody hears of them.
  package var duplicates = true

  package init(
    name: String = "keepalived", priority: Int32 = -1, hasCounters: Bool = false,
    usesIndexes: Bool = false
  ) {
    self.name = name
    self.priority = priority
    self.hasCounters = hasCounters
    self.usesIndexes = usesIndexes
  }
}

/// A change of a table of filters, with all that an error message names.
package struct FilterRequest: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    /// No error if it is there.
    case makeTable
    /// With all that is in it.
    case deleteTable
    case makeChain(FilterChain, priority: Int32)
    case makeSet(FilterSet, key: [FilterSet.Field])
    case makeRule(FilterRule)
    case addElements(FilterSet, [FilterEntry])
    case deleteElements(FilterSet, [FilterEntry])
  }

  /// Elements of one request: less than two thousand octets.
  static let elementLimit = 32

  package let table: String
  package let family: AddressFamily
  package let action: Action

  package init(_ table: String, _ family: AddressFamily, _ action: Action) {
    self.table = table
    self.family = family
    self.action = action
  }

  package var familyName: String { family == .ipv4 ? "ip" : "ip6" }

  /// For the log: `NFT_MSG_NEWSET ip keepalived vips`.
  package var title: String {
    switch action {
    case .makeTable: "NFT_MSG_NEWTABLE \(place)"
    case .deleteTable: "NFT_MSG_DELTABLE \(place)"
    case .makeChain(let chain, let priority):
      "NFT_MSG_NEWCHAIN \(place) \(chain.name) priority \(priority)"
    case .makeSet(let set, _): "NFT_MSG_NEWSET \(place) \(set.name)"
    case .makeRule(let rule): "NFT_MSG_NEWRULE \(place) \(rule.chain.name)"
    case .addElements(let set, let entries):
      "NFT_MSG_NEWSETELEM \(place) \(set.name), \(entries.count) elements"
    case .deleteElements(let set, let entries):
      "NFT_MSG_DELSETELEM \(place) \(set.name), \(entries.count) elements"
    }
  }

  private var place: String { "\(familyName) \(table)" }
}
