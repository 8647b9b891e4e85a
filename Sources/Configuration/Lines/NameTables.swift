/// The names of numbers that iproute2 keeps in files. A file is read when first needed.
struct NameTables {
  enum Kind: CaseIterable, Hashable {
    case tables, tos, realms, protocols, scopes, groups

    var file: String {
      switch self {
      case .tables: "rt_tables"
      case .tos: "rt_dsfield"
      case .realms: "rt_realms"
      case .protocols: "rt_protos"
      case .scopes: "rt_scopes"
      case .groups: "group"
      }
    }

    var maximum: UInt32 {
      switch self {
      case .tables: .max
      case .groups: UInt32(Int32.max)
      case .tos, .realms, .protocols, .scopes: 255
      }
    }

    /// Known without files; a file may give the number another name.
    var standard: [(UInt32, String)] {
      switch self {
      case .tables: [(253, "default"), (254, "main"), (255, "local")]
      case .scopes:
        [(0, "global"), (200, "site"), (253, "link"), (254, "host"), (255, "nowhere")]
      case .protocols:
        [
          (0, "none"), (1, "redirect"), (2, "kernel"), (3, "boot"), (4, "static"), (8, "gated"),
          (9, "ra"), (10, "mrt"), (11, "zebra"), (12, "bird"), (42, "babel"), (13, "dnrouted"),
          (14, "xorp"), (15, "ntk"), (16, "dhcp"),
        ]
      case .tos, .realms, .groups: []
      }
    }
  }

  private var entries: [Kind: [(UInt32, String)]] = [:]

  /// The number that a word stands for: itself, or that of a name.
  mutating func number(_ word: String, _ kind: Kind, in reading: Reading) -> UInt32? {
    if let number = word.automaticNumber, number <= kind.maximum {
      return UInt32(truncatingIfNeeded: number)
    }
    return read(kind, in: reading).first { $0.1 == word }?.0
  }

  private mutating func read(_ kind: Kind, in reading: Reading) -> [(UInt32, String)] {
    if let known = entries[kind] { return known }
    let settings = reading.global.reading
    let files = reading.host.iprouteFiles(
      kind.file, etc: settings.iprouteEtcDir, usr: settings.iprouteUsrDir)
    var found = files.flatMap { Self.parse($0, maximum: kind.maximum) }
    found += kind.standard.filter { standard in !found.contains { $0.0 == standard.0 } }
    entries[kind] = found
    return found
  }

  /// Lines of a number and a name; everything else is passed over.
  private static func parse(_ bytes: [UInt8], maximum: UInt32) -> [(UInt32, String)] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let text = line.prefix { $0 != UInt8(ascii: "#") }
      let words = text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      guard words.count == 2,
        let number = String(decoding: words[0], as: UTF8.self).automaticNumber,
        number <= maximum
      else { return nil }
      return (UInt32(truncatingIfNeeded: number), String(decoding: words[1], as: UTF8.self))
    }
  }
}

extension Reading {
  func number(_ word: String, _ kind: NameTables.Kind) -> UInt32? {
    names.number(word, kind, in: self)
  }
}
