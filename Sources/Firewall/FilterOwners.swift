/// Who wants which elements: virtual routers, and VMACs.
package struct FilterOwners {
  package struct Owner: Hashable, Sendable {
    let number: Int

    package init(number: Int) { self.number = number }
  }

  package private(set) var elements: [Owner: [FilterElement]] = [:]

  package init() {}

  /// An owner wants these and no others: what is new, and what it lets go; nil: nothing changes.
  mutating func replace(
    _ wanted: [FilterElement], of owner: Owner
  ) -> (new: [FilterElement], old: [FilterElement])? {
    let before = elements[owner] ?? []
    if before == wanted { return nil }
    elements[owner] = wanted.isEmpty ? nil : wanted
    return (wanted, before)
  }
}

/// Elements, each with how many want it, and what the kernel has of them.
struct FilterLedger {
  private struct Want {
    var count: Int
    /// What was wanted first comes first.
    let turn: Int
  }

  private var wanted: [FilterElement: Want] = [:]
  private var turns = 0
  private(set) var present: Set<FilterElement> = []
  /// What was wanted, or is no longer, since changes were asked for.
  private var changed: [FilterElement] = []

  mutating func want(_ element: FilterElement) {
    if wanted[element] == nil {
      turns += 1
      changed.append(element)
    }
    wanted[element, default: Want(count: 0, turn: turns)].count += 1
  }

  mutating func release(_ element: FilterElement) {
    guard let count = wanted[element]?.count else { return }
    if count > 1 {
      wanted[element]?.count = count - 1
    } else {
      wanted[element] = nil
      changed.append(element)
    }
  }

  var isEmpty: Bool { wanted.isEmpty }
  var parts: Set<FilterPart> { Set(wanted.keys.map(\.part)) }

  /// What is to be added and removed; it is taken for done. Removals that are postponed come later.
  mutating func changes(
    postponingRemovals: Bool = false
  ) -> (added: [FilterElement], removed: [FilterElement]) {
    var added: [FilterElement] = []
    var removed: [FilterElement] = []
    var postponed: [FilterElement] = []
    for element in changed {
      if wanted[element] != nil {
        if present.insert(element).inserted { added.append(element) }
      } else if postponingRemovals {
        postponed.append(element)
      } else if present.remove(element) != nil {
        removed.append(element)
      }
    }
    changed = postponed
    return (added, removed)
  }

  /// All that there shall be is made anew: what that is; it is taken for done.
  mutating func whole(postponingRemovals: Bool = false) -> [FilterElement] {
    var all = wanted.sorted { $0.value.turn < $1.value.turn }.map(\.key)
    if postponingRemovals {
      all += changed.filter { wanted[$0] == nil && present.contains($0) }
    } else {
      changed = []
    }
    present = Set(all)
    return all
  }

  /// Nothing is there any more.
  mutating func clear() {
    present = []
    changed = []
  }
}
