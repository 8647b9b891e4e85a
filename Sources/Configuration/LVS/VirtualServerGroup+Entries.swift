import ConfigurationSyntax
package import Primitives

extension VirtualServerGroup {
  /// Those of its addresses, and of its marks that say one.
  package var families: Set<AddressFamily> {
    Set(
      entries.compactMap { entry in
        switch entry {
        case .addresses(let range): range.first.family
        case .mark(_, let family): family
        }
      })
  }

  var hasMarkWithoutFamily: Bool {
    entries.contains { if case .mark(_, nil) = $0 { true } else { false } }
  }

  var hasMarks: Bool { entries.contains { if case .mark = $0 { true } else { false } } }

  /// All ranges, in the order of the text.
  package var ranges: [AddressRange] {
    entries.compactMap { if case .addresses(let range) = $0 { range } else { nil } }
  }
}

extension VirtualServerGroup.AddressRange {
  /// As messages show it: `ADDRESS,PORT` or `FIRST-LAST,PORT`.
  var name: String { first == last ? "\(first),\(port)" : "\(first)-\(last),\(port)" }
}

extension VirtualServerGroup.Entry {
  /// A line of a group; nil after a report.
  init?(_ line: Statement, group: String, _ context: ReadingContext) throws(ReadingStop) {
    if line.keyword == "fwmark" {
      guard let entry = try Self.mark(line, group, context) else { return nil }
      self = entry
      return
    }
    let word = line.keyword
    func refuse(_ port: String) {
      context.report(
        .general, "Invalid virtual server group IP address \(word)\(port) - skipping", at: line,
        expected: "ADDR[-ADDR|/LEN] [PORT]")
    }
    guard let first = ReadingContext.address(word) else {
      refuse("")
      return nil
    }
    guard let port = try context.port(line, 1) else {
      refuse(" /port/\(line.words[1].text)")
      return nil
    }
    guard let last = Self.last(word, first, line, context) else { return nil }
    self = .addresses(VirtualServerGroup.AddressRange(first: first, last: last, port: port))
  }

  private static func mark(_ line: Statement, _ group: String, _ context: ReadingContext)
    throws(ReadingStop) -> Self?
  {
    let word = try line.word(1).text
    guard let mark = try context.unsigned(line, 1, in: 0...UInt64(UInt32.max), .lenient) else {
      context.report(
        .general, "(\(group)): fwmark '\(word)' must be in [0, 4294967295] - ignoring", at: line,
        word: 1)
      return nil
    }
    let number = UInt32(truncatingIfNeeded: mark)
    guard line.words.count > 2 else { return .mark(number, family: nil) }
    switch line.words[2].text {
    case "inet": return .mark(number, family: .ipv4)
    case "inet6": return .mark(number, family: .ipv6)
    case let family:
      context.report(
        .general, "(\(group)): fwmark '\(word)' family \(family) unknown - ignoring", at: line,
        word: 2, expected: "inet or inet6")
      return nil
    }
  }

  /// The last address of what a word stands for; nil after a report.
  private static func last(
    _ word: String, _ first: IPAddress, _ line: Statement, _ context: ReadingContext
  ) -> IPAddress? {
    func refuse(_ message: String) -> IPAddress? {
      context.report(.general, "\(message) - skipping", at: line)
      return nil
    }
    if let text = word.cut(at: "-").1 {
      guard text.contains(first.family == .ipv4 ? "." : ":") else {
        return shortEnd(word, String(text), first, line, context)
      }
      guard let last = IPAddress(parsing: String(text)) else {
        return refuse("Invalid range end \(word)")
      }
      guard last.family == first.family else {
        return refuse("Range address families do not match \(word)")
      }
      guard last >= first else {
        return refuse("Address range end is less than address range start - \(word)")
      }
      return last
    }
    guard let text = word.cut(at: "/").1 else { return first }
    guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let length = UInt8(text), (1...first.family.hostPrefixLength).contains(length)
    else { return refuse("Invalid netmask - \(word)") }
    guard let last = first.last(ofPrefix: length) else {
      return refuse("Address mask bits not empty - \(word)")
    }
    return last
  }

  /// `A.B.C.D-E` and `X:…:Y-HHHH`: the end replaces the last octet, or the last 16 bits.
  private static func shortEnd(
    _ word: String, _ text: String, _ first: IPAddress, _ line: Statement,
    _ context: ReadingContext
  ) -> IPAddress? {
    let isIPv4 = first.family == .ipv4
    let digits = text.prefix { $0.isASCII && (isIPv4 ? $0.isNumber : $0.isHexDigit) }
    let rest = text.dropFirst(digits.count)
    // An empty end is 0, and too many digits do not fit.
    let value = digits.isEmpty ? 0 : UInt64(digits, radix: isIPv4 ? 10 : 16) ?? .max
    guard value <= (isIPv4 ? 255 : 0xffff) else {
      context.report(
        .general, "Virtual server group range '\(word)' end '\(text)' too large", at: line)
      return nil
    }
    if !rest.isEmpty {
      let isRefused = context.strictness == .test
      context.report(
        .general,
        "\(isRefused ? "" : "WARNING - ")Virtual server group range '\(word)' has extra characters"
          + " at end '\(rest)'", at: line)
      if isRefused { return nil }
    }
    let last = first.replacingEnd(UInt16(truncatingIfNeeded: value))
    guard last > first else {
      context.report(
        .general,
        "Address range end is not greater than address range start - \(word) - skipping", at: line)
      return nil
    }
    return last
  }
}

extension IPAddress {
  /// The last address of the prefix that begins here; nil if it does not begin here.
  fileprivate func last(ofPrefix length: UInt8) -> IPAddress? {
    switch self {
    case .ipv4(let address):
      // Swift's shifts give 0 where all bits leave.
      let hosts = UInt32.max >> UInt32(length)
      return address.bits & hosts == 0 ? .ipv4(IPv4Address(bits: address.bits | hosts)) : nil
    case .ipv6(let address):
      let high = UInt64.max >> UInt64(length)
      let low = length <= 64 ? UInt64.max : UInt64.max >> UInt64(length - 64)
      guard address.high & high == 0, address.low & low == 0 else { return nil }
      return .ipv6(IPv6Address(high: address.high | high, low: address.low | low))
    }
  }

  /// With another last octet (IPv4), or other last 16 bits (IPv6).
  fileprivate func replacingEnd(_ end: UInt16) -> IPAddress {
    switch self {
    case .ipv4(let address):
      .ipv4(IPv4Address(bits: address.bits & ~0xff | UInt32(end & 0xff)))
    case .ipv6(let address):
      .ipv6(IPv6Address(high: address.high, low: address.low & ~0xffff | UInt64(end)))
    }
  }
}
