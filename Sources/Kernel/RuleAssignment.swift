import CNetlink
package import Primitives

/// A rule of policy routing as the kernel holds it: what it does not say has the kernel's default,
/// so that what was asked for and what is reported are equal.
package struct RuleAssignment: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    /// A routing table; 0 is the one of the device's VRF (`isVRF`).
    case table(UInt32)
    case goto(UInt32)
    case nop, blackhole, unreachable, prohibit
  }

  package typealias Prefix = RouteAssignment.Prefix

  package var family: AddressFamily
  package var action: Action
  package var isVRF = false
  package var priority: UInt32
  package var source: Prefix?
  package var destination: Prefix?
  package var isInverted = false
  package var tos: UInt8 = 0
  package var mark: UInt32 = 0
  package var markMask: UInt32 = 0
  package var realms: UInt32 = 0
  /// All bits set: none.
  package var suppressedPrefixLength = UInt32.max
  package var suppressedGroup = UInt32.max
  package var inputDevice = ""
  package var outputDevice = ""
  package var tunnelID: UInt64 = 0
  package var users: ClosedRange<UInt32>?
  package var ipProtocol: UInt8 = 0
  package var sourcePorts: ClosedRange<UInt16>?
  package var destinationPorts: ClosedRange<UInt16>?
  /// RTPROT_ number.
  package var origin: UInt8 = 0

  package init(_ family: AddressFamily, _ action: Action, priority: UInt32) {
    self.family = family
    self.action = action
    self.priority = priority
  }
}

// MARK: Requests

extension RuleAssignment {
  package var addition: NetlinkRequest {
    request("RTM_NEWRULE", RTM_NEWRULE, flags: NLM_F_CREATE | NLM_F_EXCL)
  }

  package var removal: NetlinkRequest { request("RTM_DELRULE", RTM_DELRULE) }

  private func request(_ name: StaticString, _ type: Int, flags: Int32 = 0) -> NetlinkRequest {
    let request = NetlinkRequest(name, type: type, flags: flags)
    request.append(header)
    appendAction(to: request)
    if let source { request.attribute(FRA_SRC, source.address) }
    if let destination { request.attribute(FRA_DST, destination.address) }
    request.attribute(FRA_PRIORITY, priority)
    if mark != 0 || markMask != 0 {
      request.attribute(FRA_FWMARK, mark)
      request.attribute(FRA_FWMASK, markMask)
    }
    if realms != 0 { request.attribute(FRA_FLOW, realms) }
    if suppressedPrefixLength != .max {
      request.attribute(FRA_SUPPRESS_PREFIXLEN, suppressedPrefixLength)
    }
    if suppressedGroup != .max { request.attribute(FRA_SUPPRESS_IFGROUP, suppressedGroup) }
    if !inputDevice.isEmpty { request.attribute(FRA_IIFNAME, text: inputDevice) }
    if !outputDevice.isEmpty { request.attribute(FRA_OIFNAME, text: outputDevice) }
    if tunnelID != 0 { request.attribute(FRA_TUN_ID, tunnelID.bigEndian) }
    if let users {
      request.attribute(
        FRA_UID_RANGE, fib_rule_uid_range(start: users.lowerBound, end: users.upperBound))
    }
    if isVRF { request.attribute(FRA_L3MDEV, UInt8(1)) }
    request.attribute(FRA_PROTOCOL, origin)
    if ipProtocol != 0 { request.attribute(FRA_IP_PROTO, ipProtocol) }
    for (type, ports) in [(FRA_SPORT_RANGE, sourcePorts), (FRA_DPORT_RANGE, destinationPorts)] {
      guard let ports else { continue }
      request.attribute(
        type, fib_rule_port_range(start: ports.lowerBound, end: ports.upperBound))
    }
    if case .goto(let target) = action { request.attribute(FRA_GOTO, target) }
    return request
  }

  private var header: fib_rule_hdr {
    var header = fib_rule_hdr()
    header.family = UInt8(family == .ipv4 ? AF_INET : AF_INET6)
    header.src_len = source?.length ?? 0
    header.dst_len = destination?.length ?? 0
    header.tos = tos
    header.action = UInt8(truncatingIfNeeded: actionNumber)
    header.flags = isInverted ? UInt32(FIB_RULE_INVERT) : 0
    if case .table(let table) = action { header.table = UInt8(exactly: table) ?? 0 }
    return header
  }

  private var actionNumber: Int {
    switch action {
    case .table: FR_ACT_TO_TBL
    case .goto: FR_ACT_GOTO
    case .nop: FR_ACT_NOP
    case .blackhole: FR_ACT_BLACKHOLE
    case .unreachable: FR_ACT_UNREACHABLE
    case .prohibit: FR_ACT_PROHIBIT
    }
  }

  private func appendAction(to request: NetlinkRequest) {
    guard case .table(let table) = action, table > UInt8.max else { return }
    request.attribute(FRA_TABLE, table)
  }
}

// MARK: Reports

extension RuleAssignment {
  init?(_ message: NetlinkMessage) {
    guard let header = message.header(fib_rule_hdr.self) else { return nil }
    switch Int32(header.family) {
    case AF_INET: family = .ipv4
    case AF_INET6: family = .ipv6
    default: return nil
    }
    action = .nop
    priority = 0
    tos = header.tos
    isInverted = header.flags & UInt32(FIB_RULE_INVERT) != 0
    var table = UInt32(header.table)
    var target: UInt32 = 0
    for (type, value) in message.attributes(after: MemoryLayout<fib_rule_hdr>.size) {
      let number = value.netlinkUInt32 ?? 0
      switch type {
      case FRA_TABLE: table = number
      case FRA_GOTO: target = number
      case FRA_SRC: source = value.netlinkAddress.map { Prefix($0, header.src_len) }
      case FRA_DST: destination = value.netlinkAddress.map { Prefix($0, header.dst_len) }
      case FRA_PRIORITY: priority = number
      case FRA_FWMARK: mark = number
      case FRA_FWMASK: markMask = number
      case FRA_FLOW: realms = number
      case FRA_SUPPRESS_PREFIXLEN: suppressedPrefixLength = number
      case FRA_SUPPRESS_IFGROUP: suppressedGroup = number
      default: take(type, value)
      }
    }
    guard let action = Self.action(Int(header.action), table: table, target: target) else {
      return nil
    }
    self.action = action
  }

  private mutating func take(_ type: Int, _ value: ArraySlice<UInt8>) {
    switch type {
    case FRA_IIFNAME: inputDevice = value.netlinkText
    case FRA_OIFNAME: outputDevice = value.netlinkText
    case FRA_TUN_ID:
      tunnelID = NetlinkMessage.load(value, UInt64.self).map(UInt64.init(bigEndian:)) ?? 0
    case FRA_UID_RANGE:
      users = NetlinkMessage.load(value, fib_rule_uid_range.self)
        .flatMap { $0.start <= $0.end ? $0.start...$0.end : nil }
    case FRA_L3MDEV: isVRF = value.first == 1
    case FRA_PROTOCOL: origin = value.first ?? 0
    case FRA_IP_PROTO: ipProtocol = value.first ?? 0
    case FRA_SPORT_RANGE: sourcePorts = Self.ports(value)
    case FRA_DPORT_RANGE: destinationPorts = Self.ports(value)
    default: break
    }
  }

  private static func ports(_ value: ArraySlice<UInt8>) -> ClosedRange<UInt16>? {
    NetlinkMessage.load(value, fib_rule_port_range.self)
      .flatMap { $0.start <= $0.end ? $0.start...$0.end : nil }
  }

  private static func action(_ number: Int, table: UInt32, target: UInt32) -> Action? {
    switch number {
    case FR_ACT_TO_TBL: .table(table)
    case FR_ACT_GOTO: .goto(target)
    case FR_ACT_NOP: .nop
    case FR_ACT_BLACKHOLE: .blackhole
    case FR_ACT_UNREACHABLE: .unreachable
    case FR_ACT_PROHIBIT: .prohibit
    default: nil
    }
  }
}
