import CLinux
import CNetlink
package import Primitives

/// What is to be another way with a link that is there; what is nil stays as it is.
package struct LinkSettings: Hashable, Sendable {
  package var index: InterfaceIndex
  /// Switches it on.
  package var isUp = false
  package var address: MACAddress?
  package var group: UInt32?
  /// The VRF that it is to belong to; `.none` takes it out of the one that it belongs to.
  package var controller: InterfaceIndex?
  /// The kernel makes no link-local address for it.
  package var generatesNoAddress = false
  package var ipv4 = IPv4LinkSettings()

  package init(_ index: InterfaceIndex) { self.index = index }

  package var request: NetlinkRequest {
    let request = NetlinkRequest("RTM_NEWLINK", type: Int(RTM_NEWLINK))
    var header = ifinfomsg()
    header.ifi_index = Int32(bitPattern: index.rawValue)
    if isUp {
      header.ifi_flags = UInt32(IFF_UP)
      header.ifi_change = UInt32(IFF_UP)
    }
    request.append(header)
    if let address { request.attribute(Int(IFLA_ADDRESS), address) }
    if let group { request.attribute(Int(IFLA_GROUP), group) }
    if let controller { request.attribute(Int(IFLA_MASTER), controller.rawValue) }
    let values = ipv4.values
    guard !values.isEmpty || generatesNoAddress else { return request }
    request.nested(Int(IFLA_AF_SPEC)) {
      if !values.isEmpty {
        request.nested(Int(AF_INET)) {
          request.nested(Int(IFLA_INET_CONF)) {
            for (number, value) in values { request.attribute(number, value) }
          }
        }
      }
      if generatesNoAddress {
        request.nested(Int(AF_INET6)) {
          request.attribute(Int(IFLA_INET6_ADDR_GEN_MODE), UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue))
        }
      }
    }
    return request
  }
}

/// Some of what stands below /proc/sys/net/ipv4/conf for one link.
package struct IPv4LinkSettings: Hashable, Sendable {
  package var arpIgnore: UInt32?
  package var acceptLocal: UInt32?
  package var rpFilter: UInt32?
  package var promoteSecondaries: UInt32?
  package var arpFilter: UInt32?

  package init() {}

  // linux/ip.h, IPV4_DEVCONF_…: not importable beside netinet/ip.h.
  private enum Number {
    static let rpFilter = 8
    static let arpFilter = 13
    static let arpIgnore = 19
    static let promoteSecondaries = 20
    static let acceptLocal = 23
  }

  /// In the order in which they are set.
  var values: [(number: Int, value: UInt32)] {
    let all: [(Int, UInt32?)] = [
      (Number.arpIgnore, arpIgnore), (Number.acceptLocal, acceptLocal),
      (Number.rpFilter, rpFilter), (Number.promoteSecondaries, promoteSecondaries),
      (Number.arpFilter, arpFilter),
    ]
    return all.compactMap { number, value in value.map { (number, $0) } }
  }

  /// From the row of all values that the kernel sends, the first of which has number 1.
  init(row: ArraySlice<UInt8>) {
    func value(_ number: Int) -> UInt32? { row.dropFirst((number - 1) * 4).netlinkUInt32 }
    arpIgnore = value(Number.arpIgnore)
    acceptLocal = value(Number.acceptLocal)
    rpFilter = value(Number.rpFilter)
    promoteSecondaries = value(Number.promoteSecondaries)
    arpFilter = value(Number.arpFilter)
  }
}
