import CLinux
import CNetlink
import IPVS
import Primitives
import SystemIO

/// Requests of IPVS as messages of its generic netlink family, attribute by attribute in the order
/// in which other programs send them.
extension Request {
  /// `family` is the number that the kernel gave the family.
  func message(family: UInt16) -> NetlinkRequest {
    switch action {
    case .addService(let service): service.message(IPVS_CMD_NEW_SERVICE, family)
    case .changeService(let service): service.message(IPVS_CMD_SET_SERVICE, family)
    case .deleteService(let service): service.message(IPVS_CMD_DEL_SERVICE, family)
    case .addDestination(let destination, let service):
      destination.message(IPVS_CMD_NEW_DEST, family, of: service)
    case .changeDestination(let destination, let service):
      destination.message(IPVS_CMD_SET_DEST, family, of: service)
    case .deleteDestination(let destination, let service):
      destination.message(IPVS_CMD_DEL_DEST, family, of: service)
    case .flush: .ipvs(IPVS_CMD_FLUSH, family)
    case .setTimeouts(let timeouts): timeouts.message(family)
    case .startDaemon(let daemon): daemon.start(family)
    case .stopDaemon(let role, let syncID): SyncDaemon.stop(role, syncID, family)
    }
  }
}

extension NetlinkRequest {
  /// An empty request of IPVS's family.
  static func ipvs(_ command: Int, _ family: UInt16, flags: Int32 = 0) -> NetlinkRequest {
    let request = NetlinkRequest("IPVS", type: Int(family), flags: flags)
    request.append(
      genlmsghdr(
        cmd: UInt8(truncatingIfNeeded: command), version: UInt8(IPVS_GENL_VERSION), reserved: 0))
    return request
  }

  /// Always 16 octets, an IPv4 address in the first four.
  fileprivate func ipvsAddress(_ type: Int, _ address: IPAddress) {
    switch address {
    case .ipv4(let address): attribute(type, [address.bits.bigEndian, 0, 0, 0] as [4 of UInt32])
    case .ipv6: attribute(type, address)
    }
  }
}

extension AddressFamily {
  /// The kernel's number.
  var ipvsNumber: UInt16 { UInt16(self == .ipv4 ? AF_INET : AF_INET6) }
}

extension Service {
  fileprivate func message(_ command: Int, _ family: UInt16) -> NetlinkRequest {
    let request = NetlinkRequest.ipvs(command, family)
    append(to: request, withPersistence: true)
    return request
  }

  /// Requests about destinations carry their service without its persistence.
  fileprivate func append(to request: NetlinkRequest, withPersistence: Bool) {
    let persistence = withPersistence ? settings.persistence : nil
    request.nested(IPVS_CMD_ATTR_SERVICE) {
      identity.append(to: request)
      request.attribute(IPVS_SVC_ATTR_SCHED_NAME, text: settings.scheduler)
      if let engine = persistence?.engine {
        request.attribute(IPVS_SVC_ATTR_PE_NAME, text: engine)
      }
      let flags =
        settings.schedulerFlags.rawValue | (persistence == nil ? 0 : UInt32(IP_VS_SVC_F_PERSISTENT))
        | (settings.isOnePacket ? UInt32(IP_VS_SVC_F_ONEPACKET) : 0)
      request.attribute(IPVS_SVC_ATTR_FLAGS, ip_vs_flags(flags: flags, mask: .max))
      request.attribute(IPVS_SVC_ATTR_TIMEOUT, persistence?.timeout ?? 0)
      request.attribute(IPVS_SVC_ATTR_NETMASK, netmask(persistence?.granularity))
    }
  }

  /// Of clients that count as one: a mask of IPv4 in network order, a prefix length of IPv6.
  private func netmask(_ granularity: Persistence.Granularity?) -> UInt32 {
    switch granularity {
    case .mask(let mask): mask.bits.bigEndian
    case .prefix(let length): UInt32(length)
    case nil: identity.family == .ipv4 ? .max : 128
    }
  }
}

extension Service.Identity {
  func append(to request: NetlinkRequest) {
    request.attribute(IPVS_SVC_ATTR_AF, family.ipvsNumber)
    switch self {
    case .mark(let mark, _): request.attribute(IPVS_SVC_ATTR_FWMARK, mark)
    case .address(let address, let port, let transport):
      request.attribute(IPVS_SVC_ATTR_PROTOCOL, UInt16(transport.number))
      request.ipvsAddress(IPVS_SVC_ATTR_ADDR, address)
      request.attribute(IPVS_SVC_ATTR_PORT, port.bigEndian)
    }
  }
}

extension Destination {
  fileprivate func message(_ command: Int, _ family: UInt16, of service: Service) -> NetlinkRequest
  {
    let request = NetlinkRequest.ipvs(command, family)
    service.append(to: request, withPersistence: false)
    request.nested(IPVS_CMD_ATTR_DEST) {
      request.attribute(IPVS_DEST_ATTR_ADDR_FAMILY, identity.address.family.ipvsNumber)
      request.ipvsAddress(IPVS_DEST_ATTR_ADDR, identity.address)
      request.attribute(IPVS_DEST_ATTR_PORT, identity.port.bigEndian)
      request.attribute(IPVS_DEST_ATTR_FWD_METHOD, forwarding.method)
      request.attribute(IPVS_DEST_ATTR_WEIGHT, weight)
      if case .tunnel(let tunnel) = forwarding { tunnel.append(to: request) }
      request.attribute(IPVS_DEST_ATTR_U_THRESH, upperThreshold)
      request.attribute(IPVS_DEST_ATTR_L_THRESH, lowerThreshold)
    }
    return request
  }
}

extension Forwarding {
  fileprivate var method: UInt32 {
    switch self {
    case .nat: UInt32(IP_VS_CONN_F_MASQ)
    case .tunnel: UInt32(IP_VS_CONN_F_TUNNEL)
    case .direct: UInt32(IP_VS_CONN_F_DROUTE)
    }
  }
}

extension Forwarding.Tunnel {
  fileprivate func append(to request: NetlinkRequest) {
    switch self {
    case .ipip: request.attribute(IPVS_DEST_ATTR_TUN_TYPE, UInt8(IP_VS_CONN_F_TUNNEL_TYPE_IPIP))
    case .gue(let port, let checksum):
      request.attribute(IPVS_DEST_ATTR_TUN_TYPE, UInt8(IP_VS_CONN_F_TUNNEL_TYPE_GUE))
      request.attribute(IPVS_DEST_ATTR_TUN_PORT, port.bigEndian)
      request.attribute(IPVS_DEST_ATTR_TUN_FLAGS, checksum.rawValue)
    case .gre(let checksum):
      request.attribute(IPVS_DEST_ATTR_TUN_TYPE, UInt8(IP_VS_CONN_F_TUNNEL_TYPE_GRE))
      request.attribute(IPVS_DEST_ATTR_TUN_FLAGS, checksum.rawValue)
    }
  }
}

extension Timeouts {
  fileprivate func message(_ family: UInt16) -> NetlinkRequest {
    let request = NetlinkRequest.ipvs(IPVS_CMD_SET_CONFIG, family)
    request.attribute(IPVS_CMD_ATTR_TIMEOUT_TCP, tcp)
    request.attribute(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, tcpFin)
    request.attribute(IPVS_CMD_ATTR_TIMEOUT_UDP, udp)
    return request
  }
}

extension SyncDaemon {
  fileprivate func start(_ family: UInt16) -> NetlinkRequest {
    let request = NetlinkRequest.ipvs(IPVS_CMD_NEW_DAEMON, family)
    request.nested(IPVS_CMD_ATTR_DAEMON) {
      request.attribute(IPVS_DAEMON_ATTR_STATE, role.rawValue)
      request.attribute(IPVS_DAEMON_ATTR_MCAST_IFN, text: interface)
      request.attribute(IPVS_DAEMON_ATTR_SYNC_ID, Int32(syncID))
      if let maxLength { request.attribute(IPVS_DAEMON_ATTR_SYNC_MAXLEN, maxLength) }
      if let port { request.attribute(IPVS_DAEMON_ATTR_MCAST_PORT, port) }
      if let ttl { request.attribute(IPVS_DAEMON_ATTR_MCAST_TTL, ttl) }
      if let group {
        request.attribute(
          group.family == .ipv4 ? IPVS_DAEMON_ATTR_MCAST_GROUP : IPVS_DAEMON_ATTR_MCAST_GROUP6,
          group)
      }
    }
    return request
  }

  fileprivate static func stop(_ role: Role, _ syncID: UInt8, _ family: UInt16) -> NetlinkRequest {
    let request = NetlinkRequest.ipvs(IPVS_CMD_DEL_DAEMON, family)
    request.nested(IPVS_CMD_ATTR_DAEMON) {
      request.attribute(IPVS_DAEMON_ATTR_STATE, role.rawValue)
      request.attribute(IPVS_DAEMON_ATTR_SYNC_ID, Int32(syncID))
    }
    return request
  }
}
