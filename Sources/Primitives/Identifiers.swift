/// A virtual router identifier (VRID), 1 to 255 (RFC 5798 5.2.3).
package struct VirtualRouterID: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }
}

/// A priority as an advertisement carries it (RFC 5798 5.2.4): 0 the sender stops, 1 to 254
/// backups, 255 the owner of the addresses.
package struct Priority: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let stop = Priority(rawValue: 0)
  package static let lowest = Priority(rawValue: 1)
  package static let standard = Priority(rawValue: 100)
  package static let highestBackup = Priority(rawValue: 254)
  package static let owner = Priority(rawValue: 255)

  package static func < (left: Priority, right: Priority) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// The kernel's number of a network interface; 0 is no interface.
package struct InterfaceIndex: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let none = InterfaceIndex(rawValue: 0)

  package static func < (left: InterfaceIndex, right: InterfaceIndex) -> Bool {
    left.rawValue < right.rawValue
  }
}
