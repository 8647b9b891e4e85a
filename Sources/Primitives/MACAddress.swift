/// A 48 bit hardware address.
package struct MACAddress: Hashable, Sendable {
  package var octets: [6 of UInt8]

  package init(_ octets: [6 of UInt8]) { self.octets = octets }

  package static let broadcast = MACAddress([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])

  /// The virtual router MAC address (RFC 5798 7.3).
  package static func virtualRouter(_ id: VirtualRouterID, _ family: AddressFamily) -> MACAddress {
    MACAddress([0x00, 0x00, 0x5e, 0x00, family == .ipv4 ? 0x01 : 0x02, id.rawValue])
  }

  package static func == (left: MACAddress, right: MACAddress) -> Bool {
    (0..<6).allSatisfy { left.octets[$0] == right.octets[$0] }
  }

  package func hash(into hasher: inout Hasher) {
    for index in 0..<6 { hasher.combine(octets[index]) }
  }
}

extension MACAddress: CustomStringConvertible {
  package var description: String {
    var text = ""
    for index in 0..<6 {
      if index > 0 { text += ":" }
      if octets[index] < 16 { text += "0" }
      text += String(octets[index], radix: 16)
    }
    return text
  }
}
