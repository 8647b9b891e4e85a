/// What a byte may mean to the reader. The union over a line tells which steps it can do without.
struct ByteClass: OptionSet, Sendable {
  let rawValue: UInt8

  /// `"`
  static let quote = ByteClass(rawValue: 1)
  /// `!` and `#`
  static let comment = ByteClass(rawValue: 2)
  static let backslash = ByteClass(rawValue: 4)
  static let dollar = ByteClass(rawValue: 8)
  static let brace = ByteClass(rawValue: 16)
  static let nul = ByteClass(rawValue: 32)
  static let apostrophe = ByteClass(rawValue: 64)

  /// The class of each byte.
  static let table: [UInt8] = {
    var table = [UInt8](repeating: 0, count: 256)
    table[Int(Byte.quote)] = quote.rawValue
    table[Int(Byte.bang)] = comment.rawValue
    table[Int(Byte.hash)] = comment.rawValue
    table[Int(Byte.backslash)] = backslash.rawValue
    table[Int(Byte.dollar)] = dollar.rawValue
    table[Int(Byte.openingBrace)] = brace.rawValue
    table[Int(Byte.closingBrace)] = brace.rawValue
    table[Int(Byte.apostrophe)] = apostrophe.rawValue
    table[0] = nul.rawValue
    return table
  }()
}

/// The characters of the language by name.
enum Byte {
  static let tab = UInt8(ascii: "\t")
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let bang = UInt8(ascii: "!")
  static let quote = UInt8(ascii: "\"")
  static let hash = UInt8(ascii: "#")
  static let dollar = UInt8(ascii: "$")
  static let apostrophe = UInt8(ascii: "'")
  static let openingParenthesis = UInt8(ascii: "(")
  static let closingParenthesis = UInt8(ascii: ")")
  static let comma = UInt8(ascii: ",")
  static let slash = UInt8(ascii: "/")
  static let equals = UInt8(ascii: "=")
  static let at = UInt8(ascii: "@")
  static let backslash = UInt8(ascii: "\\")
  static let caret = UInt8(ascii: "^")
  static let openingBrace = UInt8(ascii: "{")
  static let closingBrace = UInt8(ascii: "}")
  static let tilde = UInt8(ascii: "~")
  static let minus = UInt8(ascii: "-")
  static let plus = UInt8(ascii: "+")
  static let dot = UInt8(ascii: ".")
}

extension UInt8 {
  /// Space or tab: what the reference strips at both ends of a line.
  var isBlank: Bool { self == Byte.space || self == Byte.tab }
  /// What separates words: isspace(3) in the C locale.
  var isWhiteSpace: Bool { self == Byte.space || (self >= 9 && self <= 13) }
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  /// A character of a definition's name.
  var isNameStart: Bool {
    let lower = self | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || self == UInt8(ascii: "_")
  }
  var isNamePart: Bool { isNameStart || isDigit }
}

extension Sequence<UInt8> {
  /// As text, for messages; invalid UTF-8 is repaired.
  var text: String { String(decoding: Array(self), as: UTF8.self) }
}
