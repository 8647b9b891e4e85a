import CNetlink
import Primitives

extension RouteAssignment {
  package var addition: NetlinkRequest {
    let placement: Int32 =
      switch placement {
      case .prepend: 0
      case .append: NLM_F_APPEND
      case .exclusive: NLM_F_EXCL
      }
    return setting(NLM_F_CREATE | placement)
  }

  /// In the place of an equal one, which is there until this one is; or as an addition.
  package var replacement: NetlinkRequest { setting(NLM_F_CREATE | NLM_F_REPLACE) }

  /// Without what the kernel may hold otherwise than it was told: what is left finds it.
  package var removal: NetlinkRequest {
    let request = NetlinkRequest("RTM_DELROUTE", type: Int(RTM_DELROUTE), room: room)
    request.append(header(scope: scope ?? UInt8(RT_SCOPE_NOWHERE.rawValue)))
    appendSelection(to: request)
    appendHops(to: request)
    return request
  }

  private func setting(_ flags: Int32) -> NetlinkRequest {
    let request = NetlinkRequest(
      "RTM_NEWROUTE", type: Int(RTM_NEWROUTE), flags: flags, room: room)
    request.append(header(scope: scope ?? UInt8(RT_SCOPE_UNIVERSE.rawValue)))
    appendSelection(to: request)
    if let realms = hop.realms { request.attribute(route: RTA_FLOW, realms) }
    if let expires { request.attribute(route: RTA_EXPIRES, expires) }
    if let preference { request.attribute(route: RTA_PREF, preference) }
    if let propagatesTTL {
      request.attribute(route: RTA_TTL_PROPAGATE, UInt8(propagatesTTL ? 1 : 0))
    }
    appendMetrics(to: request)
    appendHops(to: request)
    return request
  }

  /// More than each hop and metric takes.
  private var room: Int { 1024 + hops.count * 192 }

  private func header(scope: UInt8) -> rtmsg {
    var header = rtmsg()
    header.rtm_family = UInt8(family == .ipv4 ? AF_INET : AF_INET6)
    header.rtm_dst_len = destination.length
    header.rtm_src_len = source?.length ?? 0
    header.rtm_tos = tos
    header.rtm_table = UInt8(exactly: table) ?? UInt8(RT_TABLE_UNSPEC.rawValue)
    header.rtm_protocol = origin
    header.rtm_scope = scope
    header.rtm_type = type
    header.rtm_flags = hop.isOnLink ? UInt32(RTNH_F_ONLINK) : 0
    return header
  }

  private func appendSelection(to request: NetlinkRequest) {
    if table > UInt8.max { request.attribute(route: RTA_TABLE, table) }
    request.attribute(route: RTA_DST, destination.address)
    if let source { request.attribute(route: RTA_SRC, source.address) }
    if let preferredSource { request.attribute(route: RTA_PREFSRC, preferredSource) }
    appendWay(of: hop, to: request)
    if hop.interface != .none { request.attribute(route: RTA_OIF, hop.interface.rawValue) }
    if let metric { request.attribute(route: RTA_PRIORITY, metric) }
  }

  /// Gateway and tunnel.
  private func appendWay(of hop: Hop, to request: NetlinkRequest) {
    if let gateway = hop.gateway { request.attribute(route: RTA_GATEWAY, gateway) }
    if let encapsulation = hop.encapsulation { encapsulation.append(to: request) }
  }

  private func appendMetrics(to request: NetlinkRequest) {
    if metrics.isEmpty && congestionControl == nil { return }
    request.nested(route: RTA_METRICS) {
      for metric in metrics { request.attribute(Int(metric.kind), metric.value) }
      if let congestionControl { request.attribute(Int(RTAX_CC_ALGO), text: congestionControl) }
      if lockedMetrics != 0 { request.attribute(Int(RTAX_LOCK), lockedMetrics) }
    }
  }

  private func appendHops(to request: NetlinkRequest) {
    if hops.isEmpty { return }
    request.nested(route: RTA_MULTIPATH) {
      for hop in hops {
        var header = rtnexthop()
        header.rtnh_flags = hop.isOnLink ? UInt8(RTNH_F_ONLINK) : 0
        header.rtnh_hops = UInt8(clamping: hop.weight &- 1)
        header.rtnh_ifindex = Int32(bitPattern: hop.interface.rawValue)
        request.record(header) {
          appendWay(of: hop, to: request)
          if let realms = hop.realms { request.attribute(route: RTA_FLOW, realms) }
        }
      }
    }
  }
}

extension RouteAssignment.Encapsulation {
  fileprivate func append(to request: NetlinkRequest) {
    request.nested(route: RTA_ENCAP) {
      switch self {
      case .ip(let tunnel): tunnel.append(.ip, to: request)
      case .ip6(let tunnel): tunnel.append(.ip6, to: request)
      case .mpls(let labels):
        request.attribute(Int(MPLS_IPTUNNEL_DST), octets: Self.entries(of: labels))
      case .ila(let locator): request.attribute(Int(ILA_ATTR_LOCATOR), locator.bigEndian)
      }
    }
    request.attribute(route: RTA_ENCAP_TYPE, UInt16(truncatingIfNeeded: type.rawValue))
  }

  private var type: lwtunnel_encap_types {
    switch self {
    case .ip: LWTUNNEL_ENCAP_IP
    case .ip6: LWTUNNEL_ENCAP_IP6
    case .mpls: LWTUNNEL_ENCAP_MPLS
    case .ila: LWTUNNEL_ENCAP_ILA
    }
  }

  /// Label stack entries (RFC 3032 2.1): 20 bits of label, and a bit for the last.
  private static func entries(of labels: [UInt32]) -> [UInt8] {
    labels.enumerated().flatMap { index, label in
      let entry = label << 12 | (index == labels.count - 1 ? 1 << 8 : 0)
      return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: entry >> $0) }
    }
  }
}

extension RouteAssignment.Tunnel {
  /// The numbers of its attributes.
  fileprivate struct Numbers {
    let id, destination, source, trafficClass, hopLimit, flags: UInt32

    static let ip = Numbers(
      id: LWTUNNEL_IP_ID.rawValue, destination: LWTUNNEL_IP_DST.rawValue,
      source: LWTUNNEL_IP_SRC.rawValue, trafficClass: LWTUNNEL_IP_TOS.rawValue,
      hopLimit: LWTUNNEL_IP_TTL.rawValue, flags: LWTUNNEL_IP_FLAGS.rawValue)
    static let ip6 = Numbers(
      id: LWTUNNEL_IP6_ID.rawValue, destination: LWTUNNEL_IP6_DST.rawValue,
      source: LWTUNNEL_IP6_SRC.rawValue, trafficClass: LWTUNNEL_IP6_TC.rawValue,
      hopLimit: LWTUNNEL_IP6_HOPLIMIT.rawValue, flags: LWTUNNEL_IP6_FLAGS.rawValue)
  }

  fileprivate func append(_ numbers: Numbers, to request: NetlinkRequest) {
    if let id { request.attribute(Int(numbers.id), id.bigEndian) }
    if let destination { request.attribute(Int(numbers.destination), destination) }
    if let source { request.attribute(Int(numbers.source), source) }
    if let trafficClass { request.attribute(Int(numbers.trafficClass), trafficClass) }
    if let hopLimit { request.attribute(Int(numbers.hopLimit), hopLimit) }
    // Compatibility: in the order of this machine, though the kernel reads them in network order.
    if let flags { request.attribute(Int(numbers.flags), flags) }
  }
}

extension NetlinkRequest {
  fileprivate func attribute<Value: BitwiseCopyable>(route type: rtattr_type_t, _ value: Value) {
    attribute(Int(type.rawValue), value)
  }

  fileprivate func attribute(route type: rtattr_type_t, _ address: IPAddress) {
    attribute(Int(type.rawValue), address)
  }

  fileprivate func nested(route type: rtattr_type_t, _ body: () -> Void) {
    nested(Int(type.rawValue), body)
  }
}
