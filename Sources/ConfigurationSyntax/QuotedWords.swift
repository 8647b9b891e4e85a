import Primitives

/// The second way of cutting a line into words: pieces in single quotes, in double quotes and in
/// none, joined where no blank is between them.
enum QuotedWords {
  struct Item {
    var bytes: [UInt8]
    /// Where it starts in the text.
    var offset: Int
  }

  enum Escapes {
    /// A backslash and the character behind it stay as they are.
    case kept
    /// They become the character that they stand for.
    case interpreted
  }

  enum Failure: Error {
    case missingQuote(UInt8)
    case missingEscapedCharacter
  }

  static func split(_ text: [UInt8], escapes: Escapes) throws(Failure) -> [Item] {
    var items: [Item] = []
    var index = 0
    while true {
      while index < text.count, text[index].isWhiteSpace { index += 1 }
      if index == text.count { return items }
      var item = Item(bytes: [], offset: index)
      var quote: UInt8?
      while index < text.count, quote != nil || !text[index].isWhiteSpace {
        let byte = text[index]
        index += 1
        if byte == Byte.backslash {
          guard index < text.count else { throw .missingEscapedCharacter }
          switch escapes {
          case .kept:
            item.bytes += [byte, text[index]]
            index += 1
          case .interpreted:
            item.bytes.append(unescape(text, &index))
          }
        } else if byte == quote {
          quote = nil
        } else if quote == nil, byte == Byte.quote || byte == Byte.apostrophe {
          quote = byte
        } else {
          item.bytes.append(byte)
        }
      }
      if let quote { throw .missingQuote(quote) }
      items.append(item)
    }
  }

  /// The character that the escape at `index` (behind its backslash) stands for.
  private static func unescape(_ text: [UInt8], _ index: inout Int) -> UInt8 {
    let byte = text[index]
    index += 1
    switch byte {
    case UInt8(ascii: "a"): return 7
    case UInt8(ascii: "b"): return 8
    case UInt8(ascii: "t"): return 9
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "v"): return 11
    case UInt8(ascii: "f"): return 12
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "E"): return 0x1b
    case UInt8(ascii: "c"):
      guard index < text.count else { return byte }
      index += 1
      return text[index - 1] & 0x1f
    case UInt8(ascii: "x"):
      var value: UInt8?
      for _ in 0..<2 {
        guard index < text.count, let digit = HexDigit.value(of: text[index]) else { break }
        value = (value ?? 0) &* 16 &+ digit
        index += 1
      }
      return value ?? byte
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      var value = byte & 7
      for _ in 0..<2 {
        guard index < text.count, text[index] & 0xf8 == 0x30 else { break }
        value = value &* 8 &+ (text[index] & 7)
        index += 1
      }
      return value
    default: return byte
    }
  }
}
