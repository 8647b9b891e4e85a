import CLinux
import CNetlink
package import Primitives
package import SystemIO

/// An address on an interface as the kernel describes it.
package struct InterfaceAddress: Hashable, Sendable {
  package var interface: InterfaceIndex
  package var address: IPAddress
  package var prefixLength: UInt8
  package var scope: UInt8
  package var flags: UInt32
  /// Who set it, by the numbers of rt_addrprotos; 0 where the kernel does not know (before Linux
  /// 5.18).
  package var origin: UInt8

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
    origin = 0
  }

  init?(_ message: NetlinkMessage) {
    guard let header = message.header(ifaddrmsg.self) else { return nil }
    interface = InterfaceIndex(rawValue: header.ifa_index)
    prefixLength = header.ifa_prefixlen
    scope = header.ifa_scope
    flags = UInt32(header.ifa_flags)
    origin = 0
    var local: IPAddress?
    var plain: IPAddress?
    for (type, value) in message.attributes(after: MemoryLayout<ifaddrmsg>.size) {
      switch type {
      case IFA_LOCAL: local = value.netlinkAddress
      case IFA_ADDRESS: plain = value.netlinkAddress
      case IFA_FLAGS: flags = value.netlinkUInt32 ?? flags
      case Int(clinux_ifa_proto): origin = value.first ?? 0
      default: break
      }
    }
    // With a peer, IFA_ADDRESS is the peer's.
    guard let address = local ?? plain else { return nil }
    self.address = address
  }
}

extension NetlinkChannel {
  /// All addresses of a family.
  package func addresses(_ family: AddressFamily) throws(Errno) -> [InterfaceAddress] {
    let request = NetlinkRequest("RTM_GETADDR", type: Int(RTM_GETADDR), flags: NLM_F_DUMP)
    var header = ifaddrmsg()
    header.ifa_family = UInt8(family == .ipv4 ? AF_INET : AF_INET6)
    request.append(header)
    return try dump(request).compactMap(InterfaceAddress.init)
  }
}
