import Host
import SystemIO

/// The protocol number that the kernel shows for our addresses (`ip address show proto`).
enum AddressOrigin {
  /// RTPROT_KEEPALIVED, if iproute2's table has no other for the name.
  static let standard: UInt8 = 18

  static var number: UInt8 {
    for bytes in IPRouteNames.files("rt_addrprotos", etc: nil, usr: nil) {
      for line in bytes.split(separator: UInt8(ascii: "\n")) {
        let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[1] == "keepalived" else { continue }
        let isHexadecimal = words[0].hasPrefix("0x")
        if let number = UInt8(
          isHexadecimal ? words[0].dropFirst(2) : words[0], radix: isHexadecimal ? 16 : 10)
        {
          return number
        }
      }
    }
    return standard
  }
}
