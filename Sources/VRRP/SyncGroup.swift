/// A sync group: its members and the state that they have together.
package struct SyncGroup {
  package let index: GroupIndex
  package let configuration: SyncGroupConfiguration
  package let members: [RouterIndex]
  /// `initialize` while a member waits for a script.
  package internal(set) var state: RouterState = .initialize
  /// All members are explicit owners: they begin as MASTER together.
  var startsAsMaster = false

  init(_ configuration: SyncGroupConfiguration, index: GroupIndex, members: [RouterIndex]) {
    self.configuration = configuration
    self.index = index
    self.members = members
  }
}

/// Virtual routers that are MASTER together or not at all.
package struct SyncGroupConfiguration: Hashable, Sendable {
  package var name: String
  /// Names of virtual routers, in the order of the group.
  package var members: [String]

  package init(name: String, members: [String]) {
    self.name = name
    self.members = members
  }
}

/// The place of a sync group in `VirtualRouters`, in configuration order.
package struct GroupIndex: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static func < (left: GroupIndex, right: GroupIndex) -> Bool {
    left.rawValue < right.rawValue
  }
}
