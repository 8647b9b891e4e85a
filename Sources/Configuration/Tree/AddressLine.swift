package import Primitives

/// A line of `virtual_ipaddress`, `virtual_ipaddress_excluded` or `static_ipaddress`.
package struct AddressLine: Hashable, Sendable {
  package var address: IPAddress
  package var prefixLength: UInt8
  /// `dev`, as configured. Static addresses have the default interface filled in.
  package var device: String?
  /// rtnetlink scope of an IPv4 address; 0 is global.
  package var scope: UInt8 = 0
  package var broadcast: IPv4Address?
  package var label: String?
  package var peer: IPAddress?
  package var flags: Flags = []
  /// Seconds; nil is forever.
  package var preferredLifetime: UInt32?
  package var noTrack = false
  package var useVMAC = false
  package var trackGroup: String?
  /// Where a virtual address goes; set by the end-of-read checks.
  package var placement: Placement = .interface

  package init(address: IPAddress, prefixLength: UInt8) {
    self.address = address
    self.prefixLength = prefixLength
  }

  package struct Flags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let home = Flags(rawValue: 1)
    /// `-nodad`: duplicate address detection is done, which it is not by default.
    package static let duplicateAddressDetection = Flags(rawValue: 2)
    package static let mngtmpaddr = Flags(rawValue: 4)
    package static let noprefixroute = Flags(rawValue: 8)
    package static let autojoin = Flags(rawValue: 16)
  }

  package enum Placement: Hashable, Sendable {
    /// The instance's interface.
    case interface
    /// The instance's VMAC.
    case instanceVMAC
    /// Another interface, by name.
    case device(String)
    /// A VMAC of its own on the named interface.
    case extraVMAC(on: String)
  }
}

/// ADDRESS[/LENGTH] of a route or a rule.
package struct Prefix: Hashable, Sendable {
  /// Nil is `default`: any address, of a family that other words decide.
  package var address: IPAddress?
  package var length: UInt8

  package init(address: IPAddress?, length: UInt8) {
    self.address = address
    self.length = length
  }
}
