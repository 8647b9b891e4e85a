import Testing
import Wire

@Suite("Head of an HTTP answer")
struct HTTPResponseHeadTests {
  func head(_ text: String, searched: Int = 0) -> HTTPResponseHead? {
    HTTPResponseHead(decoding: Array(text.utf8).span, searched: searched)
  }

  @Test("It ends at the first empty line", arguments: ["", "body", "\r\n\r\n"])
  func end(body: String) {
    let text = "HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\n"
    #expect(head(text + body)?.length == text.utf8.count)
    #expect(head(text + body)?.statusCode == 404)
    #expect(head(text + body)?.contentLength == nil)
  }

  @Test(
    "Anything else is no end",
    arguments: [
      "", "\r\n\r", "\n\n", "HTTP/1.0 200 OK\r\n", "\r\r\n\n", "\r\n\n\r\n", "a\r\nb\r\n",
    ])
  func noEnd(text: String) { #expect(head(text) == nil) }

  @Test("However it comes in pieces, it is the same")
  func pieces() {
    let text = "HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\rx\r\n\r\nbody"
    let whole = head(text)
    #expect(whole?.length == text.utf8.count - 4)
    for searched in 0..<(text.utf8.count - 4) {
      #expect(head(text, searched: searched) == whole)
    }
  }

  @Test("It is not longer than 4095 octets")
  func longest() {
    for (length, isFound) in [(4095, true), (4096, false)] {
      let text = String(repeating: "x", count: length - 4) + "\r\n\r\n"
      #expect((head(text + "more") != nil) == isFound)
      #expect((head(text) != nil) == isFound)
    }
  }

  @Test(
    "The status is three digits behind the first blank, and before another one",
    arguments: [
      ("HTTP/1.0 200 ", 200), ("x 599 y", 599), (" 204 ", 204), ("HTTP/1.0 200", 0),
      ("HTTP/1.0  200 ", 0), ("HTTP/1.0\t200 ", 0), ("HTTP/1.0 2000 ", 0), ("HTTP/1.0 20 ", 0),
      ("HTTP/1.0 2x0 ", 0), ("HTTP/1.0\r\nx: 200 y", 0), ("\0\0 200 \0", 200), ("", 0), (" ", 0),
    ] as [(String, UInt16)])
  func status(line: String, code: UInt16) {
    #expect(head(line + "\r\n\r\n")?.statusCode == code)
  }

  @Test(
    "The length is looked for everywhere, in this spelling",
    arguments: [
      ("Content-Length: 17\r\n\r\n", 17), ("Content-Length:17\r\n\r\n", 17),
      ("X-Content-Length:  \t 3\n\r\n\r\n", 3), ("a\r\n\r\nContent-Length: 4", 4),
      ("Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 1),
      ("content-length: 17\r\n\r\n", nil), ("Content-Length: 17 \r\n\r\n", nil),
      ("Content-Length: -1\r\n\r\n", nil), ("Content-Length: \r\n\r\n", nil),
      ("Content-Length: 18446744073709551615\r\n\r\n", .max),
      ("Content-Length: 18446744073709551616\r\n\r\n", nil),
      ("Content-Length: 99999999999999999999\r\n\r\n", nil), ("\r\n\r\nContent-Length", nil),
      ("CContent-Length: 5\r\n\r\n", 5),
    ] as [(String, UInt64?)])
  func contentLength(text: String, length: UInt64?) {
    #expect(head(text) != nil)
    #expect(head(text)?.contentLength == length)
  }
}
