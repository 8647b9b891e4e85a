import Primitives
import Testing
import Wire

@Suite("Internet checksum")
struct InternetChecksumTests {
  @Test("The example of RFC 1071 gives ddf2 before the complement")
  func example() {
    let octets: [UInt8] = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]
    var sum = InternetChecksum()
    sum.add(octets.span)
    #expect(sum.value == ~0xddf2)
  }

  @Test("An odd octet is padded with zero")
  func odd() {
    let octets: [UInt8] = [0x12, 0x34, 0x56]
    var sum = InternetChecksum()
    sum.add(octets.span)
    #expect(sum.value == ~UInt16(0x1234 + 0x5600))
  }

  @Test("Updating a checksum equals computing it anew", arguments: [0, 1, 0x64ff, 0xfffe, 0xffff])
  func update(new: UInt16) {
    func checksum(_ word: UInt16) -> UInt16 {
      var sum = InternetChecksum()
      for word in [0x3133, word, 0x0064, 0x0a00] { sum.add(word) }
      return sum.value
    }
    #expect(InternetChecksum.updated(checksum(0x6401), from: 0x6401, to: new) == checksum(new))
  }
}
