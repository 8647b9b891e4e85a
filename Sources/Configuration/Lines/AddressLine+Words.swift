import ConfigurationSyntax
import Primitives

/// A line of addresses while it is read.
struct AddressDraft {
  var line: AddressLine
  /// The first word: what messages call the line.
  var name: String
  var broadcast: Broadcast?
  var hasPreferredLifetime = false

  enum Broadcast {
    case address(IPv4Address), ones, zeros
  }

  /// The address without its prefix length, for messages.
  var address: String { line.address.description }
}

extension AddressLine {
  /// Where an address line stands decides which words it may have.
  enum Block { case virtual, fixed }

  private typealias Word = LineWord<AddressDraft>

  static let virtualWords = LineWords(
    "virtual_ipaddress",
    commonWords + [
      Word("use_vmac", "put this address on a VMAC") { draft in
        draft.line.useVMAC = true
      }
    ])

  static let staticWords = LineWords(
    "static_ipaddress",
    commonWords + [
      Word("track_group", "GROUP", "the instances of GROUP fault when the interface is down") {
        draft, cursor throws(LineStop) in
        let name = try cursor.argument()
        draft.line.trackGroup = try cursor.trackGroup(name, already: draft.line.trackGroup)
      }
    ])

  private static let commonWords: [Word] =
    deviceWords + ipv4Words + lifetimeWords + [
      Word("home", "the home address of Mobile IPv6") { draft in
        draft.line.flags.insert(.home)
      },
      Word("-nodad", "have the kernel look for duplicates (IPv6)") { draft in
        draft.line.flags.insert(.duplicateAddressDetection)
      },
      Word("mngtmpaddr", "the kernel manages temporary addresses made from it (IPv6)") {
        draft in draft.line.flags.insert(.mngtmpaddr)
      },
      Word("noprefixroute", "no route for its prefix") { draft in
        draft.line.flags.insert(.noprefixroute)
      },
      Word("autojoin", "join the multicast group") { draft in
        draft.line.flags.insert(.autojoin)
      },
      Word("no_track", "its removal by others and its interface do not matter") { draft in
        draft.line.noTrack = true
      },
    ]

  private static let deviceWords: [Word] = [
    Word("dev", "IF", "the interface it goes on") { draft, cursor throws(LineStop) in
      let name = try cursor.argument()
      if draft.line.device != nil {
        throw cursor.refuse(
          "Cannot specify ipaddress device more than once for \(draft.address)")
      }
      guard cursor.reading.mayName(name, at: cursor.line) else {
        throw cursor.refuse(
          "WARNING - interface \(name) for ip address \(draft.address) doesn't exist")
      }
      draft.line.device = name
    },
    Word("peer", "ADDR", "the other end of a point-to-point link") {
      draft, cursor throws(LineStop) in try readPeer(&draft, &cursor)
    },
  ]

  private static let ipv4Words: [Word] = [
    Word("scope", "NAME|N", range: "0 to 255", "scope of an IPv4 address") {
      draft, cursor throws(LineStop) in
      let word = try cursor.argument()
      guard let scope = cursor.reading.number(word, .scopes) else {
        cursor.report("Invalid scope '\(word)' specified for \(draft.address) - ignoring")
        return
      }
      if draft.line.address.family == .ipv6 {
        cursor.report(
          .remark, "Cannot specify scope for IPv6 addresses (\(draft.address)) - ignoring scope")
      } else {
        draft.line.scope = UInt8(truncatingIfNeeded: scope)
      }
    },
    broadcastWord.named("brd"),
    broadcastWord,
    Word("label", "NAME", range: "1 to 15 characters", "label of an IPv4 address") {
      draft, cursor throws(LineStop) in
      let label = try cursor.argument()
      if draft.line.address.family == .ipv6 {
        cursor.report("Cannot specify label for IPv6 addresses (\(draft.address)) - ignoring label")
        return
      }
      guard label.utf8.count <= 15 else {
        throw cursor.refuse(
          "Address label \(label) is longer than maximum length 15 - removing address")
      }
      draft.line.label = label
    },
  ]

  private static let broadcastWord = Word(
    "broadcast", "ADDR|+|-", "broadcast address; + all host bits one, - all zero"
  ) { draft, cursor throws(LineStop) in
    let name = cursor.word
    let word = try cursor.argument()
    if draft.line.address.family == .ipv6 {
      throw cursor.refuse(
        "VRRP is trying to assign a broadcast \(name) to the IPv6 address \(draft.address)")
    }
    switch word {
    case "+": draft.broadcast = .ones
    case "-": draft.broadcast = .zeros
    default:
      guard let address = IPv4Address(parsing: word.utf8) else {
        throw cursor.refuse("VRRP is trying to assign invalid broadcast \(word). skipping VIP...")
      }
      draft.broadcast = .address(address)
    }
  }

  private static let lifetimeWords: [Word] = [
    Word("preferred_lft", "SECONDS|forever", range: "0 to 4294967295", "preferred lifetime") {
      draft, cursor throws(LineStop) in
      let word = try cursor.argument()
      if word == "forever" {
        draft.line.preferredLifetime = nil
        draft.hasPreferredLifetime = true
      } else if let seconds = try cursor.unsigned(in: 0...UInt64(UInt32.max), .lenient) {
        draft.line.preferredLifetime = UInt32(truncatingIfNeeded: seconds)
        draft.hasPreferredLifetime = true
      } else {
        cursor.report("preferred_lft \(word) is invalid", expected: "seconds or forever")
      }
    }
  ]

  private static func readPeer(_ draft: inout AddressDraft, _ cursor: inout LineCursor)
    throws(LineStop)
  {
    let word = try cursor.argument()
    if draft.line.peer != nil {
      // Compatibility: the address is then reported as an unknown word too.
      cursor.report("Peer \(word) - another peer has already been specified")
      cursor.reportUnknownAddressWord()
      return
    }
    guard let peer = IPAddress(parsing: word), peer.family == draft.line.address.family else {
      cursor.report(
        "Peer \(word) is not an address of the family of \(draft.address)",
        expected: "an IPv\(draft.line.address.family.version) address without a prefix length")
      return
    }
    if draft.line.prefixLength != peer.family.hostPrefixLength {
      cursor.report("Cannot specify address prefix when specifying peer address - ignoring")
    }
    draft.line.peer = peer
    draft.line.prefixLength = peer.family.hostPrefixLength
  }
}

extension LineCursor {
  func reportUnknownAddressWord() {
    report("Unknown configuration entry '\(word)' for ip address - ignoring")
  }

  /// The group of a static item, which must have been defined before; a second one ends the line.
  mutating func trackGroup(_ name: String, already: String?) throws(LineStop) -> String? {
    if already != nil {
      report("track_group \(name) is a duplicate")
      while advance() {}
      return already
    }
    guard reading.trackGroups.contains(where: { $0.name == name }) else {
      report("track_group \(name) not found", expected: "a track_group defined above")
      return nil
    }
    return name
  }
}
