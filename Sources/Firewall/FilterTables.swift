// This target is what the packet filter of the kernel shall hold for virtual routers: which packets
// are dropped, since they come from a virtual address or go to one that nobody may reach here
// (RFC 5798 6.1, Accept_Mode), and which go another way, since a VMAC shall not be heard of.
//
// `FilterElement` is what a virtual router or a VMAC wants to have recognised. For nftables
// `FilterTables` counts who wants what, remembers what the kernel holds, and answers with the
// requests that lead from one to the other, for one transaction of each family. What a table
// consists of stands in `FilterSet` (sets and their keys) and `FilterRule` (chains and rules), as
// values; the target `Kernel` writes them for netlink. `XTablesFilter` is the same for iptables,
// with steps in place of transactions: `XTablesRule` has its rules, `IPSet` the sets that they look
// at.
//
// What must never happen: a moment without the rules while an element is wanted; a table that stays
// when the last one is gone for good; a look at the kernel, or at a configuration.
package import Primitives

/// What nftables shall hold of ours, and what it is known to hold, for each family.
package struct FilterTables {
  package typealias Owner = FilterOwners.Owner

  package var settings: FilterSettings
  private var tables: [FilterTable] = [FilterTable(.ipv4), FilterTable(.ipv6)]
  package private(set) var owners = FilterOwners()

  package init(_ settings: FilterSettings = FilterSettings()) { self.settings = settings }

  /// An owner wants these and no others.
  package mutating func want(_ wanted: [FilterElement], by owner: Owner) {
    guard let change = owners.replace(wanted, of: owner) else { return }
    for element in change.new { tables[Self.place(element.family)].want(element) }
    for element in change.old { tables[Self.place(element.family)].release(element) }
  }

  /// Empty sets and rules are of use for elements like these only.
  package mutating func keepRules(for possible: [FilterElement]) {
    for index in tables.indices {
      tables[index].keep(
        Set(possible.filter { $0.family == tables[index].family }.map(\.part)))
    }
  }

  /// Nothing is wanted any more.
  package mutating func releaseAll() {
    for owner in Array(owners.elements.keys) { want([], by: owner) }
    keepRules(for: [])
  }

  /// While several changes are one, what one owner lets go and another one takes stays there.
  package var postponesRemovals: Bool {
    get { tables.contains(where: \.postponesRemovals) }
    set { for index in tables.indices { tables[index].postponesRemovals = newValue } }
  }

  /// What is to be done, each family by itself: one that the kernel does not have must not keep the
  /// other from working.
  package mutating func transactions() -> [FilterTransaction] {
    tables.indices.compactMap { tables[$0].transaction(settings) }
  }

  /// The transaction has changed nothing.
  package mutating func failed(_ family: AddressFamily) { tables[Self.place(family)].failed() }

  /// Somebody else has changed the table.
  package mutating func doubt(_ family: AddressFamily) { tables[Self.place(family)].doubt() }

  /// What the kernel holds is not what it shall hold.
  package var needsRetry: Bool { tables.contains { !$0.isCertain } }

  /// There is a table of ours, as far as is known.
  package func isMade(_ family: AddressFamily) -> Bool { tables[Self.place(family)].isMade }

  /// There is one, or there shall be one.
  package var isUsed: Bool { tables.contains { $0.isMade || $0.isWanted } }

  private static func place(_ family: AddressFamily) -> Int { family == .ipv4 ? 0 : 1 }
}
