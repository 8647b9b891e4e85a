import Testing
import Wire

@Suite("Messages of health checks")
struct CheckMessageTests {
  @Test(
    "The code of an SMTP reply stands before a blank or the end",
    arguments: [
      ("220 a\r\n", 220), ("250\n", 250), ("000 \n", 0), ("250\r\n", nil), ("250-a\n", nil),
      ("25\n", nil), ("\n", nil), ("2500\n", nil), ("x50 \n", nil), ("250 a\n251 b\n", 250),
      ("2\0 0\n", nil),
    ] as [(String, UInt16?)])
  func smtp(line: String, code: UInt16?) {
    let reply = SMTPReply(decoding: Array(line.utf8).span)
    #expect(reply != nil)
    #expect(reply?.code == code)
  }

  @Test("An SMTP reply has an end")
  func smtpEnd() {
    for line in ["", "250 a", "250\r"] {
      #expect(SMTPReply(decoding: Array(line.utf8).span) == nil)
    }
  }

  @Test("A question to a name server, octet by octet")
  func query() {
    let root = DNSQuery(identifier: 0x1234, type: 6, name: "")
    #expect(root.encoded == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1])
    let name = DNSQuery(identifier: 0xffff, type: 28, name: "aB.c")
    #expect(
      name.encoded == [
        0xff, 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
        2, 0x61, 0x42, 1, 0x63, 0, 0, 28, 0, 1,
      ])
  }

  @Test("A name that no question can hold")
  func names() {
    let label = String(repeating: "a", count: 63)
    let longest = "\(label).\(label).\(label).\(label.dropLast(2))"
    #expect(DNSQuery(identifier: 0, type: 1, name: longest).encoded?.count == 12 + 255 + 4)
    for name in [longest + "a", label + "a", ".a", "a..b", "a."] {
      #expect(DNSQuery(identifier: 0, type: 1, name: name).encoded == nil)
    }
  }

  @Test("The header of an answer")
  func header() throws {
    let octets: [UInt8] = [0xab, 0xcd, 0x85, 0x83, 0, 0, 0, 0, 0, 0, 0, 0]
    let header = try DNSHeader(decoding: octets.span)
    #expect(header.identifier == 0xabcd && header.isResponse && header.responseCode == 3)
    let short = Array(octets.dropLast())
    #expect((try? DNSHeader(decoding: short.span)) == nil)
    #expect(try !DNSHeader(decoding: [UInt8](repeating: 0x7f, count: 12).span).isResponse)
  }

  @Test("An echo request, and its answer")
  func echo() throws {
    let request = EchoMessage(type: EchoMessage.Kind.icmpRequest, sequence: 0x0102)
    #expect(request.encoded([9, 8]) == [8, 0, 0, 0, 0, 0, 1, 2, 9, 8])
    let reply: [UInt8] = [129, 0, 1, 2, 3, 4, 0xff, 0xfe]
    #expect(try EchoMessage(decoding: reply.span) == EchoMessage(type: 129, sequence: 0xfffe))
    let short = Array(reply.dropLast())
    #expect((try? EchoMessage(decoding: short.span)) == nil)
  }
}
