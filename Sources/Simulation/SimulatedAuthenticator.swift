import VRRP

/// Keyed hashes that are quick and protect against nobody.
final class SimulatedAuthenticator: Authenticator {
  func hmacMD5(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>
  ) -> [16 of UInt8] {
    let hash = Self.hash(Self.hash(Self.hash(0xcbf2_9ce4_8422_2325, key), head), body)
    var result = [16 of UInt8](repeating: 0)
    for index in 0..<8 { result[index] = UInt8(truncatingIfNeeded: hash >> (index * 8)) }
    return result
  }

  func hmacSHA256(
    key: Span<UInt8>, over head: Span<UInt8>, _ body: Span<UInt8>, _ tail: Span<UInt8>
  ) -> [32 of UInt8] {
    let start = Self.hash(0xcbf2_9ce4_8422_2325, key)
    let hash = Self.hash(Self.hash(Self.hash(start, head), body), tail)
    var result = [32 of UInt8](repeating: 0)
    for index in 0..<8 { result[index] = UInt8(truncatingIfNeeded: hash >> (index * 8)) }
    return result
  }

  /// FNV-1a.
  private static func hash(_ start: UInt64, _ octets: Span<UInt8>) -> UInt64 {
    var hash = start
    for index in octets.indices { hash = (hash ^ UInt64(octets[index])) &* 0x100_0000_01b3 }
    return hash
  }
}
