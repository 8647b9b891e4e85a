import CLinux
import CNetlink
package import Primitives
package import SystemIO

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
  /// The interface below a macvlan, ipvlan or VLAN; itself for others, and for those whose lower
  /// interface is in another network namespace.
  package var base: InterfaceIndex
  /// The lower interface in another network namespace: the namespace's number and its index there.
  package var foreignBase: ForeignInterface?
  /// `macvlan`, `ipvlan`, `vrf` …; empty for hardware.
  package var kind: String
  package var macvlanMode: UInt32?
  package var ipvlanMode: UInt16?
  /// The routing table of a VRF.
  package var vrfTable: UInt32?
  /// The VRF or bridge that it belongs to.
  package var controller: InterfaceIndex
  /// The number of `group` of iproute2.
  package var group: UInt32
  package var ipv4: IPv4LinkSettings?

  /// Up means that it is switched on and has a carrier.
  package var isUp: Bool {
    let both = UInt32(IFF_UP | IFF_RUNNING)
    return flags & both == both
  }
  /// Whether it has a carrier or not.
  package var isSwitchedOn: Bool { flags & UInt32(IFF_UP) != 0 }
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
    group = 0
    var namespace: UInt32?
    for (type, value) in message.attributes(after: MemoryLayout<ifinfomsg>.size) {
      switch type {
      case IFLA_IFNAME: name = value.netlinkText
      case IFLA_MTU: mtu = value.netlinkUInt32 ?? mtu
      case IFLA_ADDRESS: address = MACAddress(netlink: value)
      case IFLA_BROADCAST: broadcast = MACAddress(netlink: value)
      case IFLA_LINK: base = value.netlinkUInt32.map(InterfaceIndex.init(rawValue:)) ?? base
      case IFLA_MASTER:
        controller = value.netlinkUInt32.map(InterfaceIndex.init(rawValue:)) ?? .none
      case IFLA_GROUP: group = value.netlinkUInt32 ?? 0
      case IFLA_LINK_NETNSID: namespace = value.netlinkUInt32
      case IFLA_AF_SPEC: ipv4 = IPv4LinkSettings(families: value)
      case IFLA_LINKINFO: readKind(NetlinkAttributes(value))
      default: break
      }
    }
    // A veth is its own base.
    let hasBase = base != .none && ["macvlan", "ipvlan", "vlan"].contains(kind)
    if hasBase, let namespace { foreignBase = ForeignInterface(namespace: namespace, index: base) }
    // Across network namespaces the number means nothing here.
    if !hasBase || namespace != nil { base = index }
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

/// An interface in another network namespace, as far as this one knows it.
package struct ForeignInterface: Hashable, Sendable {
  package var namespace: UInt32
  package var index: InterfaceIndex
}

extension IPv4LinkSettings {
  /// From IFLA_AF_SPEC; nil if it says nothing of IPv4.
  fileprivate init?(families: ArraySlice<UInt8>) {
    for (family, attributes) in NetlinkAttributes(families) where family == AF_INET {
      for (type, row) in NetlinkAttributes(attributes) where type == IFLA_INET_CONF {
        self.init(row: row)
        return
      }
    }
    return nil
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

extension NetlinkChannel {
  /// All interfaces.
  package func interfaces() throws(Errno) -> [NetworkInterface] {
    let request = NetlinkRequest("RTM_GETLINK", type: Int(RTM_GETLINK), flags: NLM_F_DUMP)
    request.append(ifinfomsg())
    return try dump(request).compactMap(NetworkInterface.init)
  }

  /// Those of these names that exist, asked for in one go.
  package func interfaces(named names: [String]) -> [NetworkInterface] {
    query(
      names.map { name in
        let request = NetlinkRequest("RTM_GETLINK", type: Int(RTM_GETLINK))
        request.append(ifinfomsg())
        request.attribute(Int(IFLA_IFNAME), text: name)
        return request
      }
    ).compactMap(NetworkInterface.init)
  }
}
