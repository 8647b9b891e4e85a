import Primitives
import VRRP
import VRRPTestSupport
import Wire

/// Configurations as in the captured frames.
enum Sample {
  static let ours = IPAddress.ipv4(IPv4Address(10, 0, 0, 1))
  static let theirs = IPAddress.ipv4(IPv4Address(10, 0, 0, 2))
  static let group = IPAddress.ipv4(RouterConfiguration.ipv4Group)
  static let ours6 = address("fe80::ff:fe00:a")
  static let theirs6 = address("fe80::ff:fe00:b")

  static func address(_ text: String) -> IPAddress {
    IPAddress(parsing: text) ?? .ipv4(.any)
  }

  static func octets(_ text: String) -> [8 of UInt8] {
    var result = [8 of UInt8](repeating: 0)
    for (index, octet) in text.utf8.prefix(8).enumerated() { result[index] = octet }
    return result
  }

  static func virtual(_ texts: [String]) -> [VirtualAddress] {
    texts.map {
      let address = address($0)
      return VirtualAddress(
        address: address, prefixLength: address.family == .ipv4 ? 24 : 64,
        interface: InterfaceIndex(rawValue: 2))
    }
  }

  static func router(
    _ version: VRRPVersion, name: String = "VI_1", id: UInt8 = 51, family: AddressFamily = .ipv4,
    priority: UInt8 = 100, isUnicast: Bool = false, addresses: [String]? = nil
  ) -> RouterConfiguration {
    let ours = family == .ipv4 ? ours : ours6
    var router = RouterConfiguration(
      name: name,
      identity: RouterIdentity(
        virtualRouterID: VirtualRouterID(rawValue: id), family: family,
        configuredInterface: "eth0", isUnicast: isUnicast, address: isUnicast ? ours : nil),
      version: version, priority: Priority(rawValue: priority), wantsMaster: priority == 255)
    router.interfaceSource = ours
    router.sendingInterface = InterfaceIndex(rawValue: 2)
    if isUnicast {
      router.peers = [UnicastPeer(address: family == .ipv4 ? theirs : theirs6)]
    }
    router.addresses = virtual(addresses ?? [family == .ipv4 ? "10.0.0.100" : "fe80::100"])
    return router
  }

  static let key = AuthHMAC(
    keys: [AuthHMAC.Key(id: 1, octets: Array(0..<32))], activeKey: 1,
    replayProtection: .time(window: 5))

  static let textKey = AuthHMAC(
    keys: [
      AuthHMAC.Key(
        id: 7, octets: Array("abcdefghijklmnopqrstuvwxyzABCDEF".utf8))
    ], activeKey: 7, replayProtection: .time(window: 5))

  /// The configuration under which a frame was captured.
  static func configuration(of name: String) -> RouterConfiguration {
    let isUnicast = name.contains("unicast")
    let version: VRRPVersion = name.hasPrefix("tx_v2") ? .two : .three
    let family: AddressFamily = name.contains("_ipv6") ? .ipv6 : .ipv4
    var router = router(version, family: family, isUnicast: isUnicast)
    if name.hasPrefix("tx_v3_ipv6_vmac") || name.contains("hmac") || isUnicast {
      router.addresses = virtual([family == .ipv4 ? "10.0.0.100" : "fe80::100"])
    } else if family == .ipv6 {
      router.addresses = virtual(["fe80::100", "2001:db8::100"])
    }
    if name.hasPrefix("tx_v2_pass") { router.authentication = .password(octets("1111")) }
    if name.contains("_ah") { router.authentication = .header(key: octets("secret12")) }
    if name.contains("hmac") {
      router.authHMAC = version == .two ? textKey : key
    }
    switch name {
    case "tx_v3_ipv4", "tx_v3_ipv4_priority0":
      router.advertisementInterval = .milliseconds(500)
      router.addresses = virtual(["10.0.0.100", "10.0.0.101"])
    case "tx_v3_ipv4_unicast_old_checksum": router.unicastChecksum = .old
    case "tx_v3_ipv4_checksum_as_v2": router.v3ChecksumAsV2 = true
    case "tx_v2_no_vip": router.addresses = []
    case "tx_v3_adv_40.95":
      router.advertisementInterval = .centiseconds(4095)
      router.priority = .owner
    default: break
    }
    return router
  }
}
