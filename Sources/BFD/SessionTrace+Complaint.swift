package import Primitives
package import Wire

extension SessionTrace {
  /// What is wrong with a packet.
  package enum Complaint: Hashable, Sendable {
    case truncated
    case tooSmall(octets: Int)
    case lengthMismatch(announced: UInt8, octets: Int)
    case version(UInt8)
    case multiplierZero
    case multipoint
    case myDiscriminatorZero
    case yourDiscriminatorZero
    case pollAndFinal
    case diagnostic(UInt8)
    case noSession(Discriminator)
    case hopLimit(UInt8, least: Int, AddressFamily)
    case authentication
    case adminDown

    package var rule: DiscardRule {
      switch self {
      case .truncated: .truncated
      case .tooSmall: .tooSmall
      case .lengthMismatch: .lengthMismatch
      case .version: .version
      case .multiplierZero: .multiplierZero
      case .multipoint: .multipoint
      case .myDiscriminatorZero: .myDiscriminatorZero
      case .yourDiscriminatorZero: .yourDiscriminatorZero
      case .pollAndFinal: .pollAndFinal
      case .diagnostic: .diagnostic
      case .noSession: .noSession
      case .hopLimit: .hopLimit
      case .authentication: .authentication
      case .adminDown: .adminDown
      }
    }

    func lines(_ source: IPAddress, _ port: UInt16) -> [String] {
      let sender = "[\(source)]:\(port)"
      switch self {
      case .truncated: return ["recvmsg() message truncated"]
      case .hopLimit(let received, let least, let family):
        let name = family == .ipv4 ? "ttl" : "hop_limit"
        return ["Packet \(name)(\(received)) < \(least) - discarding"]
      case .noSession(let discriminator):
        return [
          "Discarding packet from \(sender) (session is not found - your discriminator field is"
            + " \(discriminator))"
        ]
      case .authentication:
        return [
          "Discarding packet from \(sender) (auth bit is set, but no authentication  is in use)"
        ]
      case .adminDown:
        return ["Discarding packet from \(sender) (session is in AdminDown state)"]
      case .tooSmall, .lengthMismatch, .version, .multiplierZero, .multipoint,
        .myDiscriminatorZero, .yourDiscriminatorZero, .pollAndFinal, .diagnostic:
        return [header, "Discarding bogus packet from \(sender)"]
      }
    }

    /// The first line about a wrong header.
    private var header: String {
      switch self {
      case .tooSmall(let octets): "Packet is too small: \(octets) bytes"
      case .lengthMismatch(let announced, let octets):
        "Packet size mismatch: length field: \(announced) bytes, buffer size: \(octets) bytes"
      case .version(let version): "Packet is of unsupported version: \(version)"
      case .multiplierZero: "Packet 'detection multiplier' field is zero"
      case .multipoint: "Packet has 'multipoint' flag"
      case .myDiscriminatorZero: "Packet 'my discriminator' field is zero"
      case .yourDiscriminatorZero:
        "Packet 'your discriminator' field is zero and 'state' field is not Down or AdminDown"
      case .pollAndFinal: "Packet has both poll and final  flags set"
      case .diagnostic(let value): "Packet has invalid 'diag' field: \(value)"
      case .truncated, .noSession, .hopLimit, .authentication, .adminDown: ""
      }
    }
  }
}
