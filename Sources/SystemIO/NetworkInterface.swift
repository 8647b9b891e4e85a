import CLinux
import CNetlink
package import Primitives

/// A network interface as the kernel describes it.
package struct NetworkInterface: Hashable, Sendable {
  package var index: InterfaceIndex
  package var name: String
  /// `IFF_` flags.
  package var flags: UInt32
  /// `ARPHRD_` type of its hardware.
  package var hardwareType: UInt16
  package var mtu: UInt32
  package var address: MACAddress?
  package var broadcast: MACAddress?
  /// The interface below a macvlan, ipvlan or VLAN; itself for others.
  package var base: InterfaceIndex
  /// `macvlan`, `ipvlan`, `vrf` …; empty for hardware.
  package var kind: String
  package var macvlanMode: UInt32?
  package var ipvlanMode: UInt16?
  /// The routing table of a VRF.
  package var vrfTable: UInt32?
  /// The VRF or bridge that it belongs to.
  package var controller: InterfaceIndex

  /// Up means that it is switched on and has a carrier.
  package var isUp: Bool {
    let both = UInt32(IFF_UP | IFF_RUNNING)
    return flags & both == both
  }
  package var isLoopback: Bool { flags & UInt32(IFF_LOOPBACK) != 0 }
  package var hasMulticast: Bool { flags & UInt32(IFF_MULTICAST) != 0 }
  package var hasARP: Bool { flags & UInt32(IFF_NOARP) == 0 }
  package var isEthernet: Bool { hardwareType == UInt16(ARPHRD_ETHER) }

  init?(_ message: NetlinkMessage) {
    guard let header = message.header(ifinfomsg.self) else { return nil }
    index = InterfaceIndex(rawValue: UInt32(bitPattern: header.ifi_index))
    flags = header.ifi_flags
    hardwareType = header.ifi_type
    name = ""
    mtu = 1500
    base = index
    kind = ""
    controller = .none
    for (type, value) in message.attributes(after: MemoryLayout<ifinfomsg>.size) {
      switch type {
      case IFLA_IFNAME: name = value.netlinkText
      case IFLA_MTU: mtu = value.netlinkUInt32 ?? mtu
      case IFLA_ADDRESS: address = MACAddress(netlink: value)
      case IFLA_BROADCAST: broadcast = MACAddress(netlink: value)
      case IFLA_LINK: base = value.netlinkUInt32.map(InterfaceIndex.init(rawValue:)) ?? base
      case IFLA_MASTER:
        controller = value.netlinkUInt32.map(InterfaceIndex.init(rawValue:)) ?? .none
      case IFLA_LINKINFO: readKind(NetlinkAttributes(value))
      default: break
      }
    }
    // Across network namespaces the number means nothing here; a veth is its own base.
    if base == .none || !["macvlan", "ipvlan", "vlan"].contains(kind) { base = index }
  }

  private mutating func readKind(_ attributes: NetlinkAttributes) {
    for (type, value) in attributes {
      switch type {
      case IFLA_INFO_KIND: kind = value.netlinkText
      case IFLA_INFO_DATA: readData(NetlinkAttributes(value))
      default: break
      }
    }
  }
}

extension NetworkInterface {
  /// The kind stands before its data.
  private mutating func readData(_ attributes: NetlinkAttributes) {
    for (type, value) in attributes {
      switch (kind, type) {
      case ("vrf", IFLA_VRF_TABLE): vrfTable = value.netlinkUInt32
      case ("macvlan", IFLA_MACVLAN_MODE): macvlanMode = value.netlinkUInt32
      case ("ipvlan", IFLA_IPVLAN_MODE): ipvlanMode = NetlinkMessage.load(value, UInt16.self)
      default: break
      }
    }
  }

  package static let privateMacvlan: UInt32 = 1
  package static let layer2IPVLAN: UInt16 = 0
}

extension MACAddress {
  init?(netlink bytes: ArraySlice<UInt8>) {
    guard bytes.count == 6 else { return nil }
    let start = bytes.startIndex
    self.init([
      bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3], bytes[start + 4],
      bytes[start + 5],
    ])
  }
}

/// An address on an interface as the kernel describes it.
package struct InterfaceAddress: Hashable, Sendable {
  package var interface: InterfaceIndex
  package var address: IPAddress
  package var prefixLength: UInt8
  package var scope: UInt8
  package var flags: UInt32

  /// Not usable yet: duplicate address detection has not ended (RFC 4862 5.4).
  package var isTentative: Bool {
    flags & UInt32(IFA_F_TENTATIVE) != 0 && flags & UInt32(IFA_F_OPTIMISTIC) == 0
  }

  package init(interface: InterfaceIndex, address: IPAddress, prefixLength: UInt8) {
    self.interface = interface
    self.address = address
    self.prefixLength = prefixLength
    scope = 0
    flags = 0
  }

  init?(_ message: NetlinkMessage) {
    guard let header = message.header(ifaddrmsg.self) else { return nil }
    interface = InterfaceIndex(rawValue: header.ifa_index)
    prefixLength = header.ifa_prefixlen
    scope = header.ifa_scope
    flags = UInt32(header.ifa_flags)
    var local: IPAddress?
    var plain: IPAddress?
    for (type, value) in message.attributes(after: MemoryLayout<ifaddrmsg>.size) {
      switch type {
      case IFA_LOCAL: local = value.netlinkAddress
      case IFA_ADDRESS: plain = value.netlinkAddress
      case IFA_FLAGS: flags = value.netlinkUInt32 ?? flags
      default: break
      }
    }
    // With a peer, IFA_ADDRESS is the peer's.
    guard let address = local ?? plain else { return nil }
    self.address = address
  }
}

/// What happened to a link or an address.
package enum InterfaceEvent: Sendable {
  case link(NetworkInterface)
  case linkDeleted(NetworkInterface)
  case address(InterfaceAddress)
  case addressDeleted(InterfaceAddress)

  package init?(_ message: NetlinkMessage) {
    switch Int32(message.type) {
    case Int32(RTM_NEWLINK):
      guard let link = NetworkInterface(message) else { return nil }
      self = .link(link)
    case Int32(RTM_DELLINK):
      guard let link = NetworkInterface(message) else { return nil }
      self = .linkDeleted(link)
    case Int32(RTM_NEWADDR):
      guard let address = InterfaceAddress(message) else { return nil }
      self = .address(address)
    case Int32(RTM_DELADDR):
      guard let address = InterfaceAddress(message) else { return nil }
      self = .addressDeleted(address)
    default: return nil
    }
  }

  /// The multicast groups that bring them.
  package static let groups: [UInt32] = [
    RTNLGRP_LINK.rawValue, RTNLGRP_IPV4_IFADDR.rawValue, RTNLGRP_IPV6_IFADDR.rawValue,
  ]
}

extension NetlinkChannel {
  /// All interfaces.
  package func interfaces() throws(Errno) -> [NetworkInterface] {
    let request = NetlinkRequest("RTM_GETLINK", type: Int(RTM_GETLINK), flags: NLM_F_DUMP)
    request.append(ifinfomsg())
    return try dump(request).compactMap(NetworkInterface.init)
  }

  /// All addresses of a family.
  package func addresses(_ family: AddressFamily) throws(Errno) -> [InterfaceAddress] {
    let request = NetlinkRequest("RTM_GETADDR", type: Int(RTM_GETADDR), flags: NLM_F_DUMP)
    var header = ifaddrmsg()
    header.ifa_family = UInt8(family == .ipv4 ? AF_INET : AF_INET6)
    request.append(header)
    return try dump(request).compactMap(InterfaceAddress.init)
  }
}

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
