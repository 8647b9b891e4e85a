import CNetlink
package import Primitives
package import SystemIO

/// As much of a route that the kernel describes as tells it from others.
package struct InstalledRoute: Hashable, Sendable {
  package var destination: RouteAssignment.Prefix
  package var source: RouteAssignment.Prefix?
  package var table: UInt32
  package var tos: UInt8
  package var metric: UInt32
  /// RTPROT_ number.
  package var origin: UInt8
  /// Nil where there are several.
  package var gateway: IPAddress?
  /// Of all its hops.
  package var interfaces: [InterfaceIndex]

  package init(
    to destination: RouteAssignment.Prefix, source: RouteAssignment.Prefix? = nil, table: UInt32,
    tos: UInt8 = 0, metric: UInt32, origin: UInt8, gateway: IPAddress?,
    interfaces: [InterfaceIndex]
  ) {
    self.destination = destination
    self.source = source
    self.table = table
    self.tos = tos
    self.metric = metric
    self.origin = origin
    self.gateway = gateway
    self.interfaces = interfaces
  }

  init?(_ message: NetlinkMessage) {
    guard let header = message.header(rtmsg.self),
      header.rtm_flags & UInt32(RTM_F_CLONED) == 0
    else { return nil }
    var destination: IPAddress
    switch Int32(header.rtm_family) {
    case AF_INET: destination = .ipv4(.any)
    case AF_INET6: destination = .ipv6(.any)
    default: return nil
    }
    table = UInt32(header.rtm_table)
    tos = header.rtm_tos
    origin = header.rtm_protocol
    metric = 0
    interfaces = []
    for (type, value) in message.attributes(after: MemoryLayout<rtmsg>.size) {
      switch UInt32(type) {
      case RTA_DST.rawValue: destination = value.netlinkAddress ?? destination
      case RTA_SRC.rawValue:
        source = value.netlinkAddress.map { RouteAssignment.Prefix($0, header.rtm_src_len) }
      case RTA_TABLE.rawValue: table = value.netlinkUInt32 ?? table
      case RTA_PRIORITY.rawValue: metric = value.netlinkUInt32 ?? 0
      case RTA_GATEWAY.rawValue: gateway = value.netlinkAddress
      case RTA_OIF.rawValue:
        if let index = value.netlinkUInt32 { interfaces.append(InterfaceIndex(rawValue: index)) }
      case RTA_MULTIPATH.rawValue: interfaces += Self.interfaces(ofHops: value)
      default: break
      }
    }
    self.destination = RouteAssignment.Prefix(destination, header.rtm_dst_len)
  }

  private static func interfaces(ofHops value: ArraySlice<UInt8>) -> [InterfaceIndex] {
    var rest = value
    var interfaces: [InterfaceIndex] = []
    while let hop = NetlinkMessage.load(rest, rtnexthop.self) {
      interfaces.append(InterfaceIndex(rawValue: UInt32(bitPattern: hop.rtnh_ifindex)))
      let length = (Int(hop.rtnh_len) + 3) & ~3
      if length < MemoryLayout<rtnexthop>.size { break }
      rest = rest.dropFirst(length)
    }
    return interfaces
  }
}

extension NetlinkChannel {
  /// All routes of a family whose protocol is `origin`.
  package func routes(
    _ family: AddressFamily, from origin: UInt8
  ) throws(Errno) -> [InstalledRoute] {
    let request = NetlinkRequest("RTM_GETROUTE", type: Int(RTM_GETROUTE), flags: NLM_F_DUMP)
    var header = rtmsg()
    header.rtm_family = UInt8(family == .ipv4 ? AF_INET : AF_INET6)
    header.rtm_protocol = origin
    request.append(header)
    return try dumpSelection(request).compactMap(InstalledRoute.init)
      .filter { $0.origin == origin }
  }

  /// All rules of a family.
  package func rules(_ family: AddressFamily) throws(Errno) -> [RuleAssignment] {
    let request = NetlinkRequest("RTM_GETRULE", type: Int(RTM_GETRULE), flags: NLM_F_DUMP)
    var header = fib_rule_hdr()
    header.family = UInt8(family == .ipv4 ? AF_INET : AF_INET6)
    request.append(header)
    return try dump(request).compactMap(RuleAssignment.init)
  }
}
