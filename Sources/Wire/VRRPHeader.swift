package import Primitives

/// The fixed part of an advertisement of version 2 (RFC 3768 5.1) or 3 (RFC 5798 5.1).
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------+-------+---------------+---------------+---------------+
/// |Version| Type  | Virtual Rtr ID|   Priority    | Count IP Addrs|
/// +-------+-------+---------------+---------------+---------------+
/// |   Auth Type   |   Adver Int   |            Checksum           |  version 2
/// +-------+-------+---------------+-------------------------------+
/// | (rsvd)|     Max Adver Int     |            Checksum           |  version 3
/// +-------+-----------------------+-------------------------------+
/// |                      addresses, 4 or 16 octets each           |
/// +---------------------------------------------------------------+
/// |       authentication data, 8 octets: version 2 over IPv4      |
/// +---------------------------------------------------------------+
/// ```
///
/// Any octets of sufficient number decode: a wrong version or type is the receiver's to count.
package struct VRRPHeader: Hashable, Sendable {
  package static let length = 8
  /// Octets of the authentication data of version 2 over IPv4 (RFC 2338 5.3.10).
  package static let authenticationDataLength = 8
  /// ADVERTISEMENT (RFC 5798 5.2.2).
  package static let advertisementType: UInt8 = 1
  package static let checksumOffset = 6

  /// The high nibble of the first octet, whatever its value.
  package var versionNumber: UInt8
  package var type = VRRPHeader.advertisementType
  package var virtualRouterID: VirtualRouterID
  package var priority: Priority
  package var addressCount: UInt8
  /// Octets 4 and 5: what they mean depends on the version.
  package var interval: UInt16
  package var checksum: UInt16 = 0

  package init(
    version: VRRPVersion, virtualRouterID: VirtualRouterID, priority: Priority,
    addressCount: UInt8, interval: UInt16
  ) {
    versionNumber = version.rawValue
    self.virtualRouterID = virtualRouterID
    self.priority = priority
    self.addressCount = addressCount
    self.interval = interval
  }

  package init(decoding packet: Span<UInt8>) throws(DecodeError) {
    guard packet.count >= Self.length else { throw .truncated }
    versionNumber = packet[0] >> 4
    type = packet[0] & 0xf
    virtualRouterID = VirtualRouterID(rawValue: packet[1])
    priority = Priority(rawValue: packet[2])
    addressCount = packet[3]
    interval = packet.unsigned16(at: 4)
    checksum = packet.unsigned16(at: 6)
  }

  package func encode(into packet: inout MutableSpan<UInt8>, at offset: Int = 0) {
    packet[offset] = versionNumber << 4 | type & 0xf
    packet[offset + 1] = virtualRouterID.rawValue
    packet[offset + 2] = priority.rawValue
    packet[offset + 3] = addressCount
    packet.store(interval, at: offset + 4)
    packet.store(checksum, at: offset + Self.checksumOffset)
  }

  /// Version 2: the authentication type (RFC 2338 5.3.6).
  package var authenticationType: UInt8 { UInt8(truncatingIfNeeded: interval >> 8) }
  /// Version 2: the interval in seconds (RFC 3768 5.3.7).
  package var intervalSeconds: UInt8 { UInt8(truncatingIfNeeded: interval) }
  /// Version 3: the interval in centiseconds; the four reserved bits are ignored (RFC 5798 5.2.7).
  package var intervalCentiseconds: UInt16 { interval & 0xfff }

  package var version: VRRPVersion? { VRRPVersion(rawValue: versionNumber) }

  /// Octets of header, addresses and authentication data that this header announces.
  package func announcedLength(_ family: AddressFamily) -> Int {
    Self.length + Int(addressCount) * family.addressLength
      + Self.authenticationDataLength(versionNumber, family)
  }

  /// Version 2 carries authentication data over IPv4 only.
  package static func authenticationDataLength(
    _ versionNumber: UInt8, _ family: AddressFamily
  ) -> Int {
    versionNumber == VRRPVersion.two.rawValue && family == .ipv4 ? authenticationDataLength : 0
  }

  /// Where the address `index` begins, from the start of the header.
  package static func addressOffset(_ index: Int, _ family: AddressFamily) -> Int {
    length + index * family.addressLength
  }
}
