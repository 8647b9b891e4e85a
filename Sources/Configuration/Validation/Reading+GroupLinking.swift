import ConfigurationSyntax
import Primitives

extension Reading {
  /// Joins virtual servers and their groups; drops those that do not fit together.
  func linkGroups() {
    let groups = groupIndex()
    var ordinals: [String: Int] = [:]
    virtualServers = virtualServers.compactMap { draft in
      guard let name = draft.groupName else { return draft }
      guard let group = groups[name] else {
        report(
          .note,
          "Virtual server group \(name) specified but not configured - ignoring virtual server"
            + " \(draft.name)")
        return nil
      }
      var draft = draft
      guard draft.takeFamily(of: group) else { return nil }
      draft.server.service = .group(name: name, ordinal: ordinals[name, default: 0])
      ordinals[name, default: 0] += 1
      return draft
    }
  }
}

extension VirtualServerDraft {
  var groupName: String? {
    if case .group(let name, _) = server.service { name } else { nil }
  }

  /// False after a note if the group's addresses are not of the virtual server's family.
  fileprivate mutating func takeFamily(of group: VirtualServerGroup) -> Bool {
    func refuse(_ reason: String) -> Bool {
      reading.report(.note, "\(group.name): \(reason) virtual server \(name) - ignoring")
      return false
    }
    let families = group.families
    guard let family = families.first else {
      if server.family == nil {
        reading.report(
          .note,
          "\(group.name): Virtual server \(name) address family cannot be determined, defaulting to"
            + " IPv4")
        server.family = .ipv4
      }
      return true
    }
    if families.count > 1 {
      // Each entry has its own.
      return server.family == nil
        || refuse("virtual server group with IPv4 & IPv6 doesn't match")
    }
    takeFamily(family)
    return server.family == family || refuse("address family doesn't match")
  }
}
