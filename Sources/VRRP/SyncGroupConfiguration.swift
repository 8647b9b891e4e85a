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
