import CLinux
import CNetlink
package import Firewall
import Primitives
package import SystemIO

/// What is asked of sets, as messages of nfnetlink's subsystem ipset.
package enum IPSetRequest: Hashable, Sendable {
  /// An error if there is one of the name.
  case make(IPSet)
  /// An error if there is none, or if somebody looks packets up in it.
  case destroy(IPSet)
  /// No error if it is there.
  case add(IPSetEntry)
  /// No error if it is not there.
  case remove(IPSetEntry)

  /// The oldest protocol that kernels speak, and the newest one that all of them do.
  private static let protocolNumber: UInt8 = 6

  package func message() -> NetlinkRequest {
    switch self {
    case .make(let set):
      let request = Self.request(
        "IPSET_CMD_CREATE", IPSET_CMD_CREATE, set.name, set.family, flags: NLM_F_CREATE | NLM_F_EXCL
      )
      request.attribute(Int(IPSET_ATTR_TYPENAME), text: set.kind.name)
      // The first revision has all that is used here.
      request.attribute(Int(IPSET_ATTR_REVISION), UInt8(0))
      request.attribute(Int(IPSET_ATTR_FAMILY), Self.number(of: set.family))
      request.nested(Int(IPSET_ATTR_DATA)) {}
      return request
    case .destroy(let set):
      return Self.request("IPSET_CMD_DESTROY", IPSET_CMD_DESTROY, set.name, set.family)
    case .add(let entry): return Self.request("IPSET_CMD_ADD", IPSET_CMD_ADD, entry)
    case .remove(let entry): return Self.request("IPSET_CMD_DEL", IPSET_CMD_DEL, entry)
    }
  }

  private static func number(of family: AddressFamily) -> UInt8 {
    UInt8(family == .ipv4 ? AF_INET : AF_INET6)
  }

  private static func request(
    _ name: StaticString, _ command: ipset_cmd, _ set: String, _ family: AddressFamily,
    flags: Int32 = 0
  ) -> NetlinkRequest {
    let request = NetlinkRequest(
      name, type: Int(NFNL_SUBSYS_IPSET) << 8 | Int(command.rawValue), flags: flags)
    request.append(
      nfgenmsg(nfgen_family: number(of: family), version: UInt8(NFNETLINK_V0), res_id: 0))
    request.attribute(Int(IPSET_ATTR_PROTOCOL), protocolNumber)
    request.attribute(Int(IPSET_ATTR_SETNAME), text: set)
    return request
  }

  private static func request(
    _ name: StaticString, _ command: ipset_cmd, _ entry: IPSetEntry
  ) -> NetlinkRequest {
    let family = entry.address.family
    let request = request(name, command, entry.set, family)
    let isIPv4 = family == .ipv4
    let kind = Int(isIPv4 ? IPSET_ATTR_IPADDR_IPV4 : IPSET_ATTR_IPADDR_IPV6)
    let order = Int(NLA_F_NET_BYTEORDER)
    request.nested(Int(IPSET_ATTR_DATA) | Int(NLA_F_NESTED)) {
      request.nested(Int(IPSET_ATTR_IP) | Int(NLA_F_NESTED)) {
        request.attribute(kind | order, entry.address)
      }
      if let interface = entry.interface {
        request.attribute(Int(IPSET_ATTR_CIDR), entry.prefixLength)
        request.attribute(Int(IPSET_ATTR_IFACE), text: interface)
      }
    }
    return request
  }
}

extension IPSet.Kind {
  fileprivate var name: String {
    switch self {
    case .address: "hash:ip"
    case .networkAndInterface: "hash:net,iface"
    }
  }
}

extension NetlinkChannel {
  package static func ofIPSets() throws(Errno) -> NetlinkChannel {
    try NetlinkChannel(Int32(NETLINK_NETFILTER))
  }

  /// The error of each, in their order.
  package func perform(_ requests: [IPSetRequest]) -> [Errno?] {
    perform(requests.lazy.map { $0.message() })
  }
}
