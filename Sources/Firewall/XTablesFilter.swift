package import Primitives

/// A change of the rules of one family, for one exchange of its table.
package struct XTablesChange: Hashable, Sendable {
  package enum Operation: Hashable, Sendable {
    case add, remove
    /// However often it is there, or if it is not there.
    case removeAll
  }

  package var operation: Operation
  package var rule: XTablesRule
  package var chain: String
}

/// A step towards what iptables and its sets shall hold; one that fails ends those of its family.
package enum XTablesStep: Hashable, Sendable {
  case changeRules([XTablesChange])
  /// No error if there is none. One that somebody else uses cannot be destroyed.
  case destroySets([IPSet])
  /// An error if there is one.
  case makeSets([IPSet])
  case addEntries([IPSetEntry])
  case removeEntries([IPSetEntry])
}

/// What iptables shall hold, and what it is known to hold, for each family; as `FilterTables`.
package struct XTablesFilter {
  package let settings: XTablesSettings
  package private(set) var owners = FilterOwners()
  private var tables: [XTablesTable]

  package init(_ settings: XTablesSettings) {
    self.settings = settings
    tables = [XTablesTable(.ipv4, settings.sets), XTablesTable(.ipv6, settings.sets)]
  }

  package mutating func want(_ wanted: [FilterElement], by owner: FilterOwners.Owner) {
    guard let change = owners.replace(wanted, of: owner) else { return }
    // However it is known, an interface has its name here.
    for element in change.new.map(\.named) { tables[Self.place(element.family)].want(element) }
    for element in change.old.map(\.named) { tables[Self.place(element.family)].release(element) }
  }

  package mutating func releaseAll() {
    for owner in Array(owners.elements.keys) { want([], by: owner) }
  }

  package var postponesRemovals: Bool {
    get { tables.contains(where: \.postponesRemovals) }
    set { for index in tables.indices { tables[index].postponesRemovals = newValue } }
  }

  /// What is to be done of each family. `ends`: nothing will be wanted any more.
  package mutating func steps(
    ends: Bool = false
  ) -> [(family: AddressFamily, steps: [XTablesStep])] {
    tables.indices.compactMap { index in
      let steps = tables[index].steps(settings, ends: ends)
      return steps.isEmpty ? nil : (tables[index].family, steps)
    }
  }

  /// Not all of the steps could be done: it is all made anew the next time.
  package mutating func failed(_ family: AddressFamily) { tables[Self.place(family)].doubt() }

  /// Its sets cannot be used, now or later: from now on there is a rule for each address.
  package mutating func giveUpSets(_ family: AddressFamily) {
    tables[Self.place(family)].giveUpSets()
  }

  package func usesSets(_ family: AddressFamily) -> Bool {
    tables[Self.place(family)].sets != nil
  }

  package var needsRetry: Bool { tables.contains { !$0.isCertain } }

  /// What a predecessor that was killed may have left, with elements like these.
  package func leftovers(
    of possible: [FilterElement]
  ) -> [(family: AddressFamily, steps: [XTablesStep])] {
    tables.filter { !$0.isMade }.map { table in
      let elements = possible.map(\.named).filter { $0.family == table.family }
      return (table.family, table.leftovers(of: elements, settings))
    }
  }

  private static func place(_ family: AddressFamily) -> Int { family == .ipv4 ? 0 : 1 }
}

/// What there is of one family.
struct XTablesTable {
  let family: AddressFamily
  private(set) var sets: IPSetNames?
  private var ledger = FilterLedger()
  /// With sets: what there are rules for.
  private var parts: Set<FilterPart> = []
  private(set) var isMade = false
  private(set) var isCertain = true
  var postponesRemovals = false

  init(_ family: AddressFamily, _ sets: IPSetNames?) {
    self.family = family
    self.sets = sets
  }

  mutating func want(_ element: FilterElement) { ledger.want(element) }
  mutating func release(_ element: FilterElement) { ledger.release(element) }

  mutating func doubt() { isCertain = false }

  mutating func giveUpSets() {
    sets = nil
    parts = []
    isCertain = false
  }

  // MARK: Steps

  mutating func steps(_ settings: XTablesSettings, ends: Bool) -> [XTablesStep] {
    if ends { return end(settings) }
    if !isMade && ledger.isEmpty { return [] }
    return isCertain && isMade ? changes(settings) : construction(settings)
  }

  private mutating func construction(_ settings: XTablesSettings) -> [XTablesStep] {
    let old = Array(ledger.present)
    let all = ledger.whole(postponingRemovals: postponesRemovals)
    parts = []
    isMade = true
    isCertain = true
    guard let sets else {
      let rules = all.flatMap(XTablesRule.single)
      let gone = (old + all).flatMap(XTablesRule.single)
      return [.changeRules(changes(.removeAll, gone, settings) + changes(.add, rules, settings))]
    }
    return leftovers(of: old, settings) + additions(all, sets, settings)
  }

  private mutating func changes(_ settings: XTablesSettings) -> [XTablesStep] {
    let (added, removed) = ledger.changes(postponingRemovals: postponesRemovals)
    if added.isEmpty && removed.isEmpty { return [] }
    guard let sets else {
      return [
        .changeRules(
          changes(.remove, removed.flatMap(XTablesRule.single), settings)
            + changes(.add, added.flatMap(XTablesRule.single), settings))
      ]
    }
    let entries = removed.map { IPSetEntry($0, sets) }
    return (entries.isEmpty ? [] : [.removeEntries(entries)]) + additions(added, sets, settings)
  }

  /// Entries come before the rules that look them up.
  private mutating func additions(
    _ elements: [FilterElement], _ sets: IPSetNames, _ settings: XTablesSettings
  ) -> [XTablesStep] {
    var made: [IPSet] = []
    var rules: [XTablesRule] = []
    let needed = Set(elements.map(\.part.ofSets))
    for part in [FilterPart.vmacs, .addresses]
    where needed.contains(part) && parts.insert(part).inserted {
      made += part == .vmacs ? IPSet.vmacs(sets, family) : IPSet.addresses(sets, family)
      rules +=
        part == .vmacs ? XTablesRule.vmacs(sets, family) : XTablesRule.addresses(sets, family)
    }
    var steps: [XTablesStep] = []
    if !made.isEmpty { steps.append(.makeSets(made)) }
    if !elements.isEmpty { steps.append(.addEntries(elements.map { IPSetEntry($0, sets) })) }
    if !rules.isEmpty { steps.append(.changeRules(changes(.add, rules, settings))) }
    return steps
  }

  private mutating func end(_ settings: XTablesSettings) -> [XTablesStep] {
    guard isMade else { return [] }
    let steps = leftovers(of: Array(ledger.present), settings)
    ledger.clear()
    parts = []
    isMade = false
    isCertain = true
    return steps
  }

  /// What leaves nothing of ours.
  func leftovers(of elements: [FilterElement], _ settings: XTablesSettings) -> [XTablesStep] {
    guard let sets else {
      let rules = elements.flatMap(XTablesRule.single)
      return rules.isEmpty ? [] : [.changeRules(changes(.removeAll, rules, settings))]
    }
    let rules = XTablesRule.addresses(sets, family) + XTablesRule.vmacs(sets, family)
    return [
      .changeRules(changes(.removeAll, rules, settings)), .destroySets(IPSet.all(sets, family)),
    ]
  }

  /// Chains that are not given have no rules.
  private func changes(
    _ operation: XTablesChange.Operation, _ rules: [XTablesRule], _ settings: XTablesSettings
  ) -> [XTablesChange] {
    // What goes to the top comes in the end in the order of its writing.
    let ordered =
      operation == .add ? rules.filter(\.isFirst).reversed() + rules.filter { !$0.isFirst } : rules
    return ordered.compactMap { rule in
      let chain = rule.way == .input ? settings.inputChain : settings.outputChain
      return chain.map { XTablesChange(operation: operation, rule: rule, chain: $0) }
    }
  }
}

extension FilterPart {
  /// Link-local addresses are in sets that are there with those of all addresses.
  fileprivate var ofSets: FilterPart { self == .vmacs ? .vmacs : .addresses }
}

extension FilterElement {
  /// Without what only nftables needs.
  fileprivate var named: FilterElement {
    switch self {
    case .address, .linkLocalByName: self
    case .linkLocal(let address, let interface): .linkLocalByName(address, on: interface.name)
    case .macvlan(let family, let vmac, _):
      .macvlan(family, FilterInterface(.none, vmac.name), parent: .none)
    case .parentAddress(let address, let vmac):
      .parentAddress(address, vmac: FilterInterface(.none, vmac.name))
    }
  }
}
