import ConfigurationSyntax
import Primitives

extension VRRPInstance {
  static let addressKeywords: [InstanceKeyword] = [
    InstanceKeyword(
      "virtual_ipaddress", "{ ADDR[/LEN] [OPTION …] … }", range: "up to 255 addresses",
      "The virtual addresses."
    ) { draft, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, reader throws(ReadingStop) in
        try draft.readVirtualAddress(entry, isExcluded: false)
      }
    },
    InstanceKeyword(
      "virtual_ipaddress_excluded", "{ ADDR[/LEN] [OPTION …] … }",
      "Virtual addresses that adverts do not carry."
    ) { draft, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, reader throws(ReadingStop) in
        try draft.readVirtualAddress(entry, isExcluded: true)
      }
    },
    .flag("no_virtual_ipaddress", "There need not be an address.") {
      $0.noVirtualIPAddress = true
    },
    .flag("promote_secondaries", "Set the interface's sysctl.") {
      $0.instance.promoteSecondaries = true
    },
    InstanceKeyword(
      "virtual_routes", "{ ROUTE … }", "Routes that stand while master."
    ) { draft, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        if let route = try RouteLine.read(entry, draft.reading, words: RouteLine.words) {
          draft.instance.virtualRoutes.append(route)
        }
      }
    },
    InstanceKeyword(
      "virtual_rules", "{ RULE … }", "Rules that stand while master."
    ) { draft, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        if let rule = try RuleLine.read(entry, draft.reading, words: RuleLine.words) {
          draft.instance.virtualRules.append(rule)
        }
      }
    },
  ]
}

extension InstanceDraft {
  fileprivate mutating func readVirtualAddress(_ line: Statement, isExcluded: Bool)
    throws(ReadingStop)
  {
    guard
      let address = try AddressLine.read(line, reading, words: AddressLine.virtualWords)
    else { return }
    if !isExcluded && !fix(address.address.family) {
      reading.report(
        .general,
        "\(ownerColon)address family must match VRRP instance [\(line.keyword)] - ignoring",
        at: line)
      return
    }
    if let duplicate = duplicate(of: address, isExcluded: isExcluded) {
      reading.report(
        .general, "\(ownerColon)\(duplicate) \(line.keyword) - ignoring", at: line)
      return
    }
    if isExcluded {
      instance.excludedAddresses.append(address)
    } else {
      instance.virtualAddresses.append(address)
    }
  }

  /// Only the addresses count, and the device if one of the two is excluded.
  private func duplicate(of new: AddressLine, isExcluded: Bool) -> String? {
    func equals(_ old: AddressLine) -> Bool {
      old.address == new.address && old.device == new.device
    }
    if isExcluded {
      if instance.virtualAddresses.contains(where: equals) {
        return "Excluded VIP duplicates a VIP"
      }
      return instance.excludedAddresses.contains(where: equals)
        ? "Excluded VIP duplicates an excluded VIP" : nil
    }
    if instance.virtualAddresses.contains(where: { $0.address == new.address }) {
      return "VIP duplicates a VIP"
    }
    return instance.excludedAddresses.contains(where: equals)
      ? "VIP duplicates an excluded VIP" : nil
  }
}
