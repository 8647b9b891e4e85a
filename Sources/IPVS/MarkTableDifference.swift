import Primitives

/// The requests that lead from one state of a table to another, for one transaction: the kernel
/// does all of them or none.
enum MarkTableDifference {
  /// Nil is no table. `isCertain`: the kernel surely holds `old` as it is.
  static func requests(
    from old: MarkTable?, to new: MarkTable?, isCertain: Bool
  ) -> [MarkRequest] {
    guard let new else { return old.map { removal(of: $0.identity) } ?? [] }
    guard let old else { return construction(of: new) }
    guard old.identity == new.identity else {
      return removal(of: old.identity) + construction(of: new)
    }
    if !isCertain || old.priority != new.priority || old.hasCounters != new.hasCounters {
      return construction(of: new)
    }
    return changes(from: old, to: new)
  }

  /// Making it first spares the question whether it is there.
  private static func removal(of table: MarkTable.Identity) -> [MarkRequest] {
    [MarkRequest(table, .makeTable), MarkRequest(table, .deleteTable)]
  }

  /// What an earlier process left behind goes in the same transaction.
  private static func construction(of table: MarkTable) -> [MarkRequest] {
    let identity = table.identity
    return removal(of: identity) + [
      MarkRequest(identity, .makeTable),
      MarkRequest(identity, .makeChain(priority: table.priority)),
    ] + table.maps.flatMap { construction(of: $0, in: table) }
  }

  private static func construction(
    of map: MarkTable.Map, in table: MarkTable
  ) -> [MarkRequest] {
    [
      MarkRequest(table.identity, .makeMap(map.transport, hasCounters: table.hasCounters)),
      MarkRequest(table.identity, .makeRule(map.transport, hasCounter: table.hasCounters)),
    ]
      + inParts(map.elements).map {
        MarkRequest(table.identity, .addElements(map.transport, $0))
      }
  }

  /// Maps that are no longer used stay empty, as long as the table is there.
  private static func changes(from old: MarkTable, to new: MarkTable) -> [MarkRequest] {
    let identity = new.identity
    var deletions: [MarkRequest] = []
    var additions: [MarkRequest] = []
    for map in old.maps {
      let after = new.maps.first { $0.transport == map.transport }?.elements ?? []
      let kept = Set(after)
      deletions += inParts(map.elements.filter { !kept.contains($0) }).map {
        MarkRequest(identity, .deleteElements(map.transport, $0))
      }
    }
    for map in new.maps {
      guard let before = old.maps.first(where: { $0.transport == map.transport }) else {
        additions += construction(of: map, in: new)
        continue
      }
      let known = Set(before.elements)
      additions += inParts(map.elements.filter { !known.contains($0) }).map {
        MarkRequest(identity, .addElements(map.transport, $0))
      }
    }
    return deletions + additions
  }

  private static func inParts(_ elements: [MarkTable.Element]) -> [[MarkTable.Element]] {
    stride(from: 0, to: elements.count, by: MarkRequest.elementLimit).map { start in
      Array(elements[start...].prefix(MarkRequest.elementLimit))
    }
  }
}
