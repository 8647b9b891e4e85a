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
  private(set) var wanted: [FilterElement: Int] = [:]
  private(set) var present: Set<FilterElement> = []
  /// What was wanted, or is no longer, since changes were asked for.
  private var changed: [FilterElement] = []

  mutating func want(_ element: FilterElement) {
    wanted[element, default: 0] += 1
    if wanted[element] == 1 { changed.append(element) }
  }

  mutating func release(_ element: FilterElement) {
    guard let count = wanted[element] else { return }
    wanted[element] = count > 1 ? count - 1 : nil
    if count == 1 { changed.append(element) }
  }

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
    present = Set(wanted.keys).union(postponingRemovals ? present : [])
    if !postponingRemovals { changed = [] }
    return Array(present)
  }

  /// Nothing is there any more.
  mutating func clear() {
    present = []
    changed = []
  }
}
