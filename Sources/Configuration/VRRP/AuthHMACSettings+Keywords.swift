import ConfigurationSyntax
import Primitives

extension AuthHMACSettings {
  static let keywords = KeywordTable<InstanceDraft>(
    "auth_hmac",
    [
      InstanceKeyword(
        "key", "ID VALUE|hex:DIGITS|file:PATH", range: "ID 1 to 255; 32 to 64 bytes", "A secret."
      ) { draft, line, _ throws(ReadingStop) in try readKey(&draft, line) },
      .unsigned(
        "active_key", "ID", 1...255, .strict, default: "none, mandatory", "Key of sent adverts.",
        invalid: { "\($0.owner)auth_hmac active_key '\($1)' not valid - must be between 1 & 255" }
      ) { $0.instance.authHMAC?.activeKey = UInt8(truncatingIfNeeded: $1) },
      .unsigned(
        "time_window", "SECONDS", 1...300, .strict, default: "3 advert_int, 5 to 300",
        "How old an advert may be.",
        invalid: { "\($0.owner)auth_hmac time_window '\($1)' not valid - must be between 1 & 300" }
      ) { $0.timeWindow = .seconds(Int64($1)) },
      word(
        "anti_replay", [("time", .time), ("monotonic", .monotonic)], "How replays are found."
      ) { $0.instance.authHMAC?.antiReplay = $1 },
      word(
        "mode",
        [("enforce", .enforce), ("permissive", .permissive), ("receive-only", .receiveOnly)],
        "What happens to adverts without the trailer."
      ) { (draft: inout InstanceDraft, mode: Mode) in draft.instance.authHMAC?.mode = mode },
    ])

  private static func word<Value: Sendable>(
    _ name: String, _ values: [(String, Value)], _ help: String,
    set: @escaping @Sendable (inout InstanceDraft, Value) -> Void
  ) -> InstanceKeyword {
    let allowed = values.map(\.0).joined(separator: "|")
    return InstanceKeyword(name, allowed, default: values.first?.0 ?? "", help) {
      draft, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      if let value = values.first(where: { $0.0 == word })?.1 {
        set(&draft, value)
      } else {
        reader.context.report(
          .general, "\(draft.owner)unknown auth_hmac \(name) '\(word)'", at: line, word: 1,
          expected: allowed)
      }
    }
  }

  /// Longest inline value: `hex:` and two digits for each of 64 bytes, with room for an end.
  private static let longestValue = 139

  private static func readKey(_ draft: inout InstanceDraft, _ line: Statement)
    throws(ReadingStop)
  {
    let reading = draft.reading
    _ = try line.word(1)
    guard line.words.count > 2 else {
      reading.report(.general, "\(draft.owner)auth_hmac key requires an id and a value", at: line)
      return
    }
    guard let number = try reading.context.unsigned(line, 1, in: 1...255, .strict) else {
      reading.report(
        .general,
        "\(draft.owner)auth_hmac key id '\(line.words[1].text)' not valid"
          + " - must be between 1 & 255",
        at: line, word: 1)
      return
    }
    guard let secret = secret(line, draft) else { return }
    guard (32...64).contains(secret.count) else {
      reading.report(
        .general,
        "\(draft.owner)auth_hmac key \(number) length \(secret.count) not in range [32, 64]",
        at: line, word: 2)
      return
    }
    let id = UInt8(truncatingIfNeeded: number)
    if draft.instance.authHMAC?.keys.contains(where: { $0.id == id }) == true {
      reading.report(
        .general, "\(draft.owner)auth_hmac key \(id) already defined - ignoring", at: line, word: 1)
      return
    }
    draft.instance.authHMAC?.keys.append(Key(id: id, secret: secret))
  }

  private static func secret(_ line: Statement, _ draft: InstanceDraft) -> [UInt8]? {
    let word = line.words[2].text
    guard word.hasPrefix("file:") else { return decoded(Array(word.utf8), line, draft) }
    let path = String(word.dropFirst(5))
    switch draft.reading.host.keyFile(path, limit: longestValue) {
    case .unreadable(let reason):
      draft.reading.report(
        .general, "\(draft.owner)cannot open auth_hmac key file \(path) - \(reason)", at: line,
        word: 2)
      return nil
    case .contents(var bytes, let isPrivate):
      if !isPrivate {
        draft.reading.report(
          .security, "\(draft.owner)auth_hmac key file \(path) can be accessed by others", at: line,
          word: 2, expected: "no permission for group and others")
      }
      if bytes.count >= longestValue {
        draft.reading.report(
          .general, "\(draft.owner)auth_hmac key file \(path) is too large", at: line, word: 2)
        return nil
      }
      while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
      return decoded(bytes, line, draft)
    }
  }

  /// `hex:` and digits, or the bytes as they are.
  private static func decoded(_ bytes: [UInt8], _ line: Statement, _ draft: InstanceDraft)
    -> [UInt8]?
  {
    guard bytes.starts(with: "hex:".utf8) else { return bytes }
    var octets: [UInt8] = []
    var digits = bytes.dropFirst(4)
    // Compatibility: the last of an odd number of digits is a byte of its own.
    while let high = digits.popFirst() {
      let low = digits.popFirst()
      guard let first = HexDigit.value(of: high), let second = low.map(HexDigit.value(of:)) ?? 0
      else {
        draft.reading.report(
          .general, "\(draft.owner)auth_hmac key has characters that are no hex digits", at: line,
          word: 2)
        return nil
      }
      octets.append(low == nil ? first : first << 4 | second)
    }
    return octets
  }
}
