import CLinux
import CNetlink
import IPVS
import Primitives
import SystemIO

/// What the kernel says of IPVS. An object that lacks what identifies it is none; everything else
/// that is missing or odd counts as zero.
extension NetlinkMessage {
  /// The attributes of one nested attribute.
  fileprivate func ipvsAttributes(_ wanted: Int) -> IPVSAttributes? {
    for (type, value) in attributes(after: MemoryLayout<genlmsghdr>.size) where type == wanted {
      return IPVSAttributes(NetlinkAttributes(value))
    }
    return nil
  }
}

/// Attributes by their type; of several of one type the last.
private struct IPVSAttributes {
  private var values: [Int: ArraySlice<UInt8>] = [:]

  init(_ attributes: NetlinkAttributes) {
    for (type, value) in attributes { values[type] = value }
  }

  func number<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Int, _: Number.Type) -> Number? {
    values[type].flatMap { NetlinkMessage.load($0, Number.self) }
  }

  func text(_ type: Int) -> String? { values[type].map(\.netlinkText) }

  func port(_ type: Int) -> UInt16 { number(type, UInt16.self).map(UInt16.init(bigEndian:)) ?? 0 }

  func family(_ type: Int) -> AddressFamily? {
    guard let number = number(type, UInt16.self) else { return nil }
    return [AddressFamily.ipv4, .ipv6].first { $0.ipvsNumber == number }
  }

  /// Of 16 octets; an IPv4 address is in the first four.
  func address(_ type: Int, _ family: AddressFamily) -> IPAddress? {
    values[type].flatMap { $0.prefix(family.addressLength).netlinkAddress }
  }
}

extension Service {
  init?(_ message: NetlinkMessage) {
    guard let attributes = message.ipvsAttributes(IPVS_CMD_ATTR_SERVICE),
      let identity = Identity(attributes)
    else { return nil }
    let flags = attributes.number(IPVS_SVC_ATTR_FLAGS, UInt32.self) ?? 0
    var settings = Settings(
      scheduler: attributes.text(IPVS_SVC_ATTR_SCHED_NAME) ?? "",
      schedulerFlags: SchedulerFlags(rawValue: flags & 0x38),
      isOnePacket: flags & UInt32(IP_VS_SVC_F_ONEPACKET) != 0)
    if flags & UInt32(IP_VS_SVC_F_PERSISTENT) != 0 {
      settings.persistence = Persistence(
        timeout: attributes.number(IPVS_SVC_ATTR_TIMEOUT, UInt32.self) ?? 0)
      settings.persistence?.engine = attributes.text(IPVS_SVC_ATTR_PE_NAME)
      settings.persistence?.granularity = Self.granularity(attributes, identity.family)
    }
    self.init(identity, settings)
  }

  /// Nil for single hosts.
  private static func granularity(_ attributes: IPVSAttributes, _ family: AddressFamily)
    -> Persistence.Granularity?
  {
    guard let mask = attributes.number(IPVS_SVC_ATTR_NETMASK, UInt32.self) else { return nil }
    switch family {
    case .ipv4: return mask == .max ? nil : .mask(IPv4Address(bits: UInt32(bigEndian: mask)))
    case .ipv6: return mask >= 128 ? nil : .prefix(UInt8(truncatingIfNeeded: mask))
    }
  }
}

extension Service.Identity {
  fileprivate init?(_ attributes: IPVSAttributes) {
    guard let family = attributes.family(IPVS_SVC_ATTR_AF) else { return nil }
    if let mark = attributes.number(IPVS_SVC_ATTR_FWMARK, UInt32.self), mark != 0 {
      self = .mark(mark, family)
      return
    }
    let number = attributes.number(IPVS_SVC_ATTR_PROTOCOL, UInt16.self)
    guard let address = attributes.address(IPVS_SVC_ATTR_ADDR, family),
      let transport = TransportProtocol.allCases.first(where: { UInt16($0.number) == number })
    else { return nil }
    self = .address(address, port: attributes.port(IPVS_SVC_ATTR_PORT), transport)
  }
}

extension Destination {
  init?(_ message: NetlinkMessage) {
    guard let attributes = message.ipvsAttributes(IPVS_CMD_ATTR_DEST),
      let family = attributes.family(IPVS_DEST_ATTR_ADDR_FAMILY),
      let address = attributes.address(IPVS_DEST_ATTR_ADDR, family)
    else { return nil }
    self.init(
      Identity(address: address, port: attributes.port(IPVS_DEST_ATTR_PORT)),
      forwarding: Forwarding(attributes),
      weight: attributes.number(IPVS_DEST_ATTR_WEIGHT, UInt32.self) ?? 0,
      upperThreshold: attributes.number(IPVS_DEST_ATTR_U_THRESH, UInt32.self) ?? 0,
      lowerThreshold: attributes.number(IPVS_DEST_ATTR_L_THRESH, UInt32.self) ?? 0)
  }
}

extension Forwarding {
  fileprivate init(_ attributes: IPVSAttributes) {
    let method = attributes.number(IPVS_DEST_ATTR_FWD_METHOD, UInt32.self) ?? 0
    switch method & UInt32(IP_VS_CONN_F_FWD_MASK) {
    case UInt32(IP_VS_CONN_F_TUNNEL): self = .tunnel(Tunnel(attributes))
    case UInt32(IP_VS_CONN_F_DROUTE): self = .direct
    default: self = .nat
    }
  }
}

extension Forwarding.Tunnel {
  fileprivate init(_ attributes: IPVSAttributes) {
    let flags = attributes.number(IPVS_DEST_ATTR_TUN_FLAGS, UInt16.self) ?? 0
    let checksum = Forwarding.Checksum(rawValue: flags & 3) ?? .none
    switch attributes.number(IPVS_DEST_ATTR_TUN_TYPE, UInt8.self).map(Int.init) {
    case Int(IP_VS_CONN_F_TUNNEL_TYPE_GUE):
      self = .gue(port: attributes.port(IPVS_DEST_ATTR_TUN_PORT), checksum)
    case Int(IP_VS_CONN_F_TUNNEL_TYPE_GRE): self = .gre(checksum)
    default: self = .ipip
    }
  }
}

extension Timeouts {
  init?(_ message: NetlinkMessage) {
    let attributes = IPVSAttributes(message.attributes(after: MemoryLayout<genlmsghdr>.size))
    guard let tcp = attributes.number(IPVS_CMD_ATTR_TIMEOUT_TCP, UInt32.self),
      let tcpFin = attributes.number(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, UInt32.self),
      let udp = attributes.number(IPVS_CMD_ATTR_TIMEOUT_UDP, UInt32.self)
    else { return nil }
    self.init(tcp: tcp, tcpFin: tcpFin, udp: udp)
  }
}

extension SyncDaemon {
  init?(_ message: NetlinkMessage) {
    guard let attributes = message.ipvsAttributes(IPVS_CMD_ATTR_DAEMON),
      let state = attributes.number(IPVS_DAEMON_ATTR_STATE, Int32.self),
      let role = Role(rawValue: state),
      let interface = attributes.text(IPVS_DAEMON_ATTR_MCAST_IFN)
    else { return nil }
    self.init(
      role, interface: interface,
      syncID: UInt8(clamping: attributes.number(IPVS_DAEMON_ATTR_SYNC_ID, Int32.self) ?? 0))
    maxLength = attributes.number(IPVS_DAEMON_ATTR_SYNC_MAXLEN, UInt16.self)
    port = attributes.number(IPVS_DAEMON_ATTR_MCAST_PORT, UInt16.self)
    ttl = attributes.number(IPVS_DAEMON_ATTR_MCAST_TTL, UInt8.self)
    group =
      attributes.address(IPVS_DAEMON_ATTR_MCAST_GROUP, .ipv4)
      ?? attributes.address(IPVS_DAEMON_ATTR_MCAST_GROUP6, .ipv6)
  }
}
