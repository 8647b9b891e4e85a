import ConfigurationSyntax
import Primitives

/// A `url` while it is read.
struct URLDraft {
  var path: String?
  var digest: [UInt8]?
  var statusCodes: [ClosedRange<UInt16>] = []
  var virtualHost: String?
  var regex = RegexDraft()
  var isTLSCompliant = false

  /// The url, if it can be used; reports at the end of the block why not.
  func completed(_ reader: BlockReader) -> HTTPCheck.URL? {
    guard let path else {
      reader.context.report(
        .general, "HTTP/SSL_GET checker url has no path - ignoring", at: reader.location,
        expected: "path PATH")
      return nil
    }
    var url = HTTPCheck.URL(path: path)
    url.digest = digest
    if !statusCodes.isEmpty { url.statusCodes = HTTPCheck.StatusCodes(joining: statusCodes) }
    url.virtualHost = virtualHost
    url.regex = regex.completed(reader)
    url.isTLSCompliant = isTLSCompliant
    return url
  }
}

extension HTTPCheck.StatusCodes {
  /// Overlapping ranges become one, so that there are never more than there are codes.
  init(joining ranges: [ClosedRange<UInt16>]) {
    var joined: [ClosedRange<UInt16>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, range.lowerBound <= last.upperBound &+ 1 {
        joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    self.init(ranges: joined)
  }
}

extension HTTPCheck.URL {
  private typealias Row = Keyword<URLDraft>

  /// The keywords of `url` in HTTP_GET.
  static let keywords = KeywordTable<URLDraft>("url", rows)

  /// The keywords of `url` in SSL_GET.
  static let tlsKeywords = KeywordTable<URLDraft>(
    "url",
    rows + [
      .boolean(
        "tls_compliant", default: "that of SSL_GET", "Send close_notify at the end.",
        invalid: { "Invalid tls_compliant parameter \($1)" }
      ) { $0.isTLSCompliant = $1 }
    ])

  private static let rows: [Row] =
    [
      Row("path", "PATH", default: "mandatory", "What is asked for.") {
        url, line, reader throws(ReadingStop) in
        reader.context.replace(&url.path, with: try line.word(1).text, "url path", at: line)
      },
      Row("digest", "HEX", range: "32 hex digits", default: "none", "MD5 of the body.") {
        url, line, reader throws(ReadingStop) in
        try readDigest(&url, line, reader.context)
      },
      Row(
        "status_code", "N|N-M …", range: "100 to 599", default: "200-299",
        "Status codes that are good."
      ) { url, line, reader in
        for index in line.words.indices.dropFirst() {
          readStatusCodes(&url, line, index, reader.context)
        }
      },
      .string(
        "virtualhost", default: "virtualhost of the checker", "Host of the request.",
        what: "url virtualhost", missing: "Missing HTTP_GET virtualhost name", \.virtualHost),
    ] + RegexDraft.rows

  private static let digestLength = 32

  private static func readDigest(
    _ url: inout URLDraft, _ line: Statement, _ context: ReadingContext
  ) throws(ReadingStop) {
    let word = try line.word(1).text
    func refuse(_ message: String) {
      context.report(.general, message, at: line, word: 1, expected: "32 hex digits")
    }
    if url.digest != nil {
      context.report(.general, "Digest '\(word)' is a duplicate", at: line, word: 1)
      return
    }
    let digits = Array(word.utf8)
    guard digits.count == digestLength else {
      return refuse(
        "digest '\(word)' character length should be \(digestLength) rather than \(digits.count)")
    }
    var octets: [UInt8] = []
    for offset in stride(from: 0, to: digits.count, by: 2) {
      guard let high = HexDigit.value(of: digits[offset]),
        let low = HexDigit.value(of: digits[offset + 1])
      else {
        let pair = String(decoding: digits[offset...offset + 1], as: UTF8.self)
        return refuse(
          "Unable to interpret hex digit in '\(pair)' at offset \(offset)/\(offset + 1)")
      }
      octets.append(high << 4 | low)
    }
    url.digest = octets
  }

  private static func readStatusCodes(
    _ url: inout URLDraft, _ line: Statement, _ index: Int, _ context: ReadingContext
  ) {
    let word = line.words[index].text
    let (first, last) = word.cut(at: "-")
    guard let low = statusCode(first), let high = statusCode(last ?? first), low <= high else {
      context.report(
        .general, "Invalid HTTP_GET status code '\(word)'", at: line, word: index,
        expected: "codes from 100 to 599, or ranges of them")
      return
    }
    url.statusCodes.append(low...high)
  }

  private static func statusCode(_ text: Substring) -> UInt16? {
    UInt16(text).flatMap { (100...599).contains($0) ? $0 : nil }
  }
}
