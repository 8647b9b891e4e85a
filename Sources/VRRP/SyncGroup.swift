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
