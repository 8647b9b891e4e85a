package import Primitives
import Wire

extension RouterTrace.Complaint {
  package func message(_ name: String, _ source: IPAddress) -> String {
    // Compatibility: this message alone does not name the virtual router.
    if case .securityParametersIndex = self { text(source) } else { "(\(name)) " + text(source) }
  }

  private func text(_ source: IPAddress) -> String {
    switch self {
    case .authenticationHeaderUnexpected: "Received AH header but auth type not AH from \(source)"
    case .authenticationHeaderMissing: "No AH header but auth type is AH from \(source)"
    case .tooShort(let received, let expected):
      "vrrp packet from \(source) too short, length \(received) and expect \(expected)"
    case .tooLong(let received, let expected):
      "vrrp packet from \(source) too long, length \(received) and expect \(expected)"
    case .hopLimit(let received):
      "invalid TTL/HL from \(source). Received \(received) and expect 255"
    case .version(let received, let expected):
      "wrong VRRP version from \(source). Received \(received) and expect \(expected.rawValue)"
    case .trailerMissing: "missing authentication trailer from \(source)"
    case .trailerMalformed: "malformed authentication trailer from \(source)"
    case .trailerInvalid: "invalid authentication HMAC from \(source)"
    case .trailerReplayed: "replayed authentication trailer from \(source)"
    case .trailerStale(let skew, let window):
      "stale authentication trailer from \(source), clock skew \(skew) sec exceeds window"
        + " \(window) sec"
    case .trailerSkewed(let skew, let window):
      "authentication clock skew \(skew) sec from \(source) approaching window \(window) sec"
    case .trailerUnknownKey(let id): "unknown authentication key id \(id) from \(source)"
    case .unknownPeer: "unicast source address \(source) not a unicast peer"
    case .authenticationTypeInvalid(let type): "Invalid auth type from \(source): \(type)"
    case .authenticationTypeUnexpected(let received, let expected):
      "received a \(received) auth from \(source), expecting \(expected.rawValue)!"
    case .password: "received an invalid passwd from \(source)!"
    case .integrityCheckValue:
      "IPSEC-AH : invalid IPSEC HMAC-MD5 value. Due to fields mutation or bad password !"
    case .securityParametersIndex(let address, let received):
      "IPSEC AH : invalid IPSEC SPI value. \(address.bits) and expect \(received)"
    case .sequenceNumber(let received, let last):
      "IPSEC-AH : sequence number \(received) already processed. Packet dropped. Local(\(last))"
    case .intervalSeconds(let ours, let received):
      "advertisement interval mismatch with \(source) mine=\(ours.count / 1_000_000) sec"
        + " rcv'd=\(received) sec"
    case .intervalCentiseconds(let ours, let received):
      "advertisement interval mismatch ours = \(ours.count / 10_000) centi-sec"
        + " rcv'd=\(received) centi-sec"
    case .type(let received): "Invalid packet type from \(source). \(received) and expect 1"
    case .totalLength(let announced, let received):
      "ip_tot_len mismatch against received length from \(source). \(announced) and received"
        + " \(received)"
    case .checksum(let version):
      "Invalid VRRPv\(version.rawValue) checksum from \(source)"
    case .destination(let isMulticastExpected):
      "Expected \(isMulticastExpected ? "mult" : "un")icast packet but received"
        + " \(isMulticastExpected ? "un" : "mult")icast packet from \(source)"
    case .owner: "Dropping packet(s) from \(source) since we are address owner"
    case .addressCount(let expected, let received):
      "expected \(expected) VIPs but received \(received)"
    case .addressMissing(let id, let address):
      "ip address associated with VRID \(id.rawValue) not present in advert from \(source):"
        + " \(address)"
    case .hopLimitOfPeer(let received, let accepted):
      "TTL/HL \(received) from \(source) not in range [\(accepted.lowerBound),"
        + " \(accepted.upperBound)]"
    }
  }

  /// The flag by which a message is logged once until the master changes; nil: every time.
  var flag: UInt32? {
    let bit: UInt32? =
      switch self {
      case .authenticationHeaderUnexpected, .authenticationHeaderMissing: 0
      case .tooShort, .tooLong: 1
      case .hopLimit: 2
      case .version: 3
      case .trailerMissing: 4
      case .trailerMalformed: 5
      case .trailerInvalid: 6
      case .trailerReplayed: 7
      case .trailerStale: 8
      case .trailerSkewed: 9
      case .trailerUnknownKey: 10
      case .unknownPeer: 11
      case .authenticationTypeInvalid: 12
      case .authenticationTypeUnexpected: 13
      case .password: 14
      case .integrityCheckValue, .securityParametersIndex, .sequenceNumber: nil
      case .intervalSeconds, .intervalCentiseconds: 15
      case .type: 16
      case .totalLength: 17
      case .checksum: 18
      case .destination: 19
      case .owner: 20
      case .addressCount: 21
      case .addressMissing: 22
      case .hopLimitOfPeer: 23
      }
    return bit.map { 1 << $0 }
  }
}
