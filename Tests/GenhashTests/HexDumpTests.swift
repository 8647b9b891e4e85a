import Genhash
import Testing

@Suite("Hexadecimal dump")
struct HexDumpTests {
  @Test("Sixteen octets a line, the last one filled up")
  func lines() {
    let octets = Array("HTTP/1.0 200 OK\r\nX-Hdr: foo\r\n\r\n".utf8) + [0, 0x7f, 0xff]
    #expect(
      HexDump.text(octets.span)
        == "0000  48 54 54 50 2f 31 2e 30 - 20 32 30 30 20 4f 4b 0d   HTTP/1.0 200 OK.\n"
        + "0016  0a 58 2d 48 64 72 3a 20 - 66 6f 6f 0d 0a 0d 0a 00   .X-Hdr: foo.....\n"
        + "0032  7f ff                   -                           ..              \n")
    #expect(HexDump.text([UInt8]().span) == "")
  }

  @Test("Offsets are decimal, and begin again at 65536")
  func offsets() {
    let octets = [UInt8](repeating: 0x41, count: 65536 + 16)
    let lines = HexDump.text(octets.span).split(separator: "\n")
    #expect(lines.count == 4097)
    #expect(lines[625].hasPrefix("10000  41"))
    #expect(lines[4096].hasPrefix("0000  41"))
  }
}
