package import Primitives

/// The table of one family: what it shall hold, and what the kernel is known to hold.
///
/// A transaction is taken for done until `failed` is told of it. After that nothing is known any
/// more, and the next one makes the table anew.
struct FilterTable {
  let family: AddressFamily
  private var ledger = FilterLedger()
  /// In the order of their first use, VMACs first: their rules stand before the others.
  private var parts: [FilterPart] = []

  /// What was made last; nil: there is no table of ours.
  private var made: (settings: FilterSettings, parts: [FilterPart])?
  /// What was made before the last transaction.
  private var previous: (settings: FilterSettings, parts: [FilterPart])?
  /// Whether the kernel surely holds what was made.
  private(set) var isCertain = true
  /// What nobody wants any more stays, until this ends.
  var postponesRemovals = false

  init(_ family: AddressFamily) { self.family = family }

  /// Whether there is one in the kernel, as far as is known.
  var isMade: Bool { made != nil }
  var isWanted: Bool { !parts.isEmpty }

  mutating func want(_ element: FilterElement) {
    ledger.want(element)
    use(element.part)
  }

  mutating func release(_ element: FilterElement) { ledger.release(element) }

  private mutating func use(_ part: FilterPart) {
    if parts.contains(part) { return }
    if let foundation = part.foundation { use(foundation) }
    parts.insert(part, at: part == .vmacs ? 0 : parts.count)
  }

  /// Others than these parts, if they are empty, are not needed any more.
  mutating func keep(_ needed: Set<FilterPart>) {
    var used = needed.union(ledger.parts)
    for part in used { if let foundation = part.foundation { used.insert(foundation) } }
    parts = parts.filter { used.contains($0) }
  }

  // MARK: Transactions

  /// What leads from what the kernel has to what it shall have.
  mutating func transaction(_ settings: FilterSettings) -> FilterTransaction? {
    previous = made
    guard isWanted else {
      let requests = made.map { removal(of: $0.settings.name) } ?? []
      made = nil
      ledger.clear()
      isCertain = true
      return FilterTransaction(family, requests, isWhole: true)
    }
    defer {
      made = (settings, parts)
      isCertain = true
    }
    if isCertain, let made, made.settings == settings, parts.starts(with: made.parts) {
      let requests = additions(after: made.parts, settings) + elementChanges(settings)
      return FilterTransaction(family, requests, isWhole: false)
    }
    return FilterTransaction(family, construction(settings), isWhole: true)
  }

  /// The last transaction has changed nothing.
  mutating func failed() {
    made = previous
    isCertain = false
  }

  /// Somebody else has changed the table.
  mutating func doubt() { isCertain = false }

  /// Making it first spares the question whether it is there.
  private func removal(of name: String) -> [FilterRequest] {
    [FilterRequest(name, family, .makeTable), FilterRequest(name, family, .deleteTable)]
  }

  /// What an earlier process left behind, or we had under another name, goes in the same
  /// transaction: at no moment nothing is dropped.
  private mutating func construction(_ settings: FilterSettings) -> [FilterRequest] {
    let name = settings.name
    let former = made.map(\.settings.name)
    var requests = former == name ? [] : former.map { removal(of: $0) } ?? []
    requests += removal(of: name) + [FilterRequest(name, family, .makeTable)]
    requests += additions(after: [], settings)
    let entries = ledger.whole(postponingRemovals: postponesRemovals).flatMap {
      $0.entries(settings)
    }
    return requests + elements(entries, name) { .addElements($0, $1) }
  }

  /// The parts that are new.
  private func additions(after old: [FilterPart], _ settings: FilterSettings) -> [FilterRequest] {
    var requests: [FilterRequest] = []
    var chains = Set(old.flatMap { $0.chains(family) })
    func ask(_ action: FilterRequest.Action) {
      requests.append(FilterRequest(settings.name, family, action))
    }
    for part in parts.dropFirst(old.count) {
      for chain in part.chains(family) where chains.insert(chain).inserted {
        ask(.makeChain(chain, priority: settings.priority))
      }
      for set in part.sets(family) {
        ask(.makeSet(set, key: set.key(family, usesIndexes: settings.usesIndexes)))
        if !set.constants.isEmpty { ask(.addElements(set, set.constants)) }
      }
      for rule in part.rules(settings, family) { ask(.makeRule(rule)) }
    }
    return requests
  }

  private mutating func elementChanges(_ settings: FilterSettings) -> [FilterRequest] {
    let changes = ledger.changes(postponingRemovals: postponesRemovals)
    let removed = changes.removed.flatMap { $0.entries(settings) }
    let added = changes.added.flatMap { $0.entries(settings) }
    return elements(removed, settings.name) { .deleteElements($0, $1) }
      + elements(added, settings.name) { .addElements($0, $1) }
  }

  private func elements(
    _ entries: [FilterEntry], _ name: String,
    _ action: (FilterSet, [FilterEntry]) -> FilterRequest.Action
  ) -> [FilterRequest] {
    var requests: [FilterRequest] = []
    for (set, entries) in Dictionary(grouping: entries, by: \.set).sorted(by: {
      $0.key.rawValue < $1.key.rawValue
    }) {
      for start in stride(from: 0, to: entries.count, by: FilterRequest.elementLimit) {
        let part = entries[start...].prefix(FilterRequest.elementLimit)
        requests.append(FilterRequest(name, family, action(set, Array(part))))
      }
    }
    return requests
  }
}

/// Requests that the kernel does all, or none of them.
package struct FilterTransaction: Hashable, Sendable {
  package var family: AddressFamily
  package var requests: [FilterRequest]
  /// It goes by nothing that the kernel is thought to hold.
  package var isWhole: Bool

  /// Nil: there is nothing to be done.
  init?(_ family: AddressFamily, _ requests: [FilterRequest], isWhole: Bool) {
    if requests.isEmpty { return nil }
    self.family = family
    self.requests = requests
    self.isWhole = isWhole
  }
}
