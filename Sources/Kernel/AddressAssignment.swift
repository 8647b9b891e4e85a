import CLinux
import CNetlink
package import Primitives

/// An address to put on an interface, with all that can be said of it.
package struct AddressAssignment: Hashable, Sendable {
  package struct Flags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let noDuplicateDetection = Flags(rawValue: UInt32(IFA_F_NODAD))
    package static let home = Flags(rawValue: UInt32(IFA_F_HOMEADDRESS))
    package static let managesTemporary = Flags(rawValue: UInt32(IFA_F_MANAGETEMPADDR))
    package static let noPrefixRoute = Flags(rawValue: UInt32(IFA_F_NOPREFIXROUTE))
    package static let autojoin = Flags(rawValue: UInt32(IFA_F_MCAUTOJOIN))
  }

  package var interface: InterfaceIndex
  package var address: IPAddress
  package var prefixLength: UInt8
  package var scope: UInt8
  package var broadcast: IPv4Address?
  package var label: String
  package var peer: IPAddress?
  package var flags: Flags
  /// Seconds; nil for ever. IPv6 only.
  package var preferredLifetime: UInt32?
  /// The number of `keepalived` in rt_addrprotos.
  package var origin: UInt8

  package init(
    interface: InterfaceIndex, address: IPAddress, prefixLength: UInt8, scope: UInt8,
    broadcast: IPv4Address?, label: String, peer: IPAddress?, flags: Flags,
    preferredLifetime: UInt32?, origin: UInt8
  ) {
    self.interface = interface
    self.address = address
    self.prefixLength = prefixLength
    self.scope = scope
    self.broadcast = broadcast
    self.label = label
    self.peer = peer
    self.flags = flags
    self.preferredLifetime = preferredLifetime
    self.origin = origin
  }

  private var header: ifaddrmsg {
    var header = ifaddrmsg()
    header.ifa_family = UInt8(address.family == .ipv4 ? AF_INET : AF_INET6)
    header.ifa_prefixlen = prefixLength
    header.ifa_scope = scope
    header.ifa_index = interface.rawValue
    return header
  }

  /// An equal address that is there already is updated.
  package var addition: NetlinkRequest {
    let request = NetlinkRequest("RTM_NEWADDR", type: Int(RTM_NEWADDR))
    request.append(header)
    if address.family == .ipv6, let preferredLifetime {
      var lifetimes = ifa_cacheinfo()
      lifetimes.ifa_prefered = preferredLifetime
      lifetimes.ifa_valid = .max
      request.attribute(IFA_CACHEINFO, lifetimes)
    }
    request.attribute(IFA_LOCAL, address)
    if let broadcast { request.attribute(IFA_BROADCAST, .ipv4(broadcast)) }
    if !flags.isEmpty { request.attribute(IFA_FLAGS, flags.rawValue) }
    if !label.isEmpty { request.attribute(IFA_LABEL, text: label) }
    if let peer { request.attribute(IFA_ADDRESS, peer) }
    request.attribute(Int(clinux_ifa_proto), origin)
    return request
  }

  /// With the peer, without which the kernel does not find an IPv4 address that has one.
  package var removal: NetlinkRequest {
    let request = NetlinkRequest("RTM_DELADDR", type: Int(RTM_DELADDR))
    request.append(header)
    request.attribute(IFA_LOCAL, address)
    if address.family == .ipv4 { request.attribute(IFA_ADDRESS, peer ?? address) }
    return request
  }
}
