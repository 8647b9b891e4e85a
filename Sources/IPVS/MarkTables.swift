package import Primitives

/// What nftables shall hold, and what it is known to hold, for each family.
///
/// As with `ServiceTable` callers say what they want, and a transaction is taken for done until
/// `failed` is told of it. Where one failed nothing is known any more: the table is made anew.
package struct MarkTables {
  private struct Entry {
    var wanted: MarkTable?
    /// Nil: none that came from here.
    var known: MarkTable?
    /// What was known before the last transaction.
    var previous: MarkTable?
    var isCertain = true
  }

  private var entries: [AddressFamily: Entry] = [:]

  package init() {}

  /// A transaction failed: it should be asked for again in a while.
  package var needsRetry: Bool { entries.values.contains { !$0.isCertain } }

  /// All that is wanted from now on, of each family one at most.
  package mutating func want(_ tables: [MarkTable]) {
    for family in [AddressFamily.ipv4, .ipv6] {
      entries[family, default: Entry()].wanted = tables.first { $0.identity.family == family }
    }
  }

  /// What is to be done, each family by itself: one that the kernel does not have must not keep the
  /// other from working.
  package mutating func transactions() -> [(family: AddressFamily, requests: [MarkRequest])] {
    [AddressFamily.ipv4, .ipv6].compactMap { family in
      guard var entry = entries[family] else { return nil }
      let requests = MarkTableDifference.requests(
        from: entry.known, to: entry.wanted, isCertain: entry.isCertain)
      entry.previous = entry.known
      entry.known = entry.wanted.map { wanted in keepingMaps(of: entry, in: wanted) }
      entry.isCertain = true
      entries[family] = entry
      return requests.isEmpty ? nil : (family, requests)
    }
  }

  /// The transaction has changed nothing.
  package mutating func failed(_ family: AddressFamily) {
    guard var entry = entries[family] else { return }
    entry.known = entry.previous
    entry.isCertain = false
    entries[family] = entry
  }

  /// The maps that a change leaves behind, empty, are known too: they are not to be made again.
  private func keepingMaps(of entry: Entry, in wanted: MarkTable) -> MarkTable {
    guard let known = entry.known, entry.isCertain, known.identity == wanted.identity,
      known.priority == wanted.priority, known.hasCounters == wanted.hasCounters
    else { return wanted }
    var result = wanted
    let transports = Set(wanted.maps.map(\.transport))
    for map in known.maps where !transports.contains(map.transport) {
      result.maps.append(MarkTable.Map(transport: map.transport, elements: []))
    }
    return result
  }
}
