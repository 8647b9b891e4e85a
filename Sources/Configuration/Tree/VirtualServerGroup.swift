package import Primitives

/// `virtual_server_group NAME { … }`: several services that share their real servers.
package struct VirtualServerGroup: Hashable, Sendable {
  package var name: String
  /// In the order of the text.
  package var entries: [Entry] = []

  package enum Entry: Hashable, Sendable {
    case addresses(AddressRange)
    case mark(UInt32, family: AddressFamily?)
  }

  /// All addresses from one to another, both included.
  package struct AddressRange: Hashable, Sendable {
    package var first: IPAddress
    /// Not below `first`, and of its family.
    package var last: IPAddress
    /// 0: all ports.
    package var port: UInt16

    package init(first: IPAddress, last: IPAddress, port: UInt16) {
      self.first = first
      self.last = last
      self.port = port
    }
  }

  package init(name: String) { self.name = name }
}
