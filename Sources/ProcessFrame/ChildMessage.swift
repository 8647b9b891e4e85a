/// What a child tells its parent: an octet that says what it is, and a text.
package enum ChildMessage: Hashable, Sendable {
  /// The configuration that it was started with is in force.
  case ready
  /// The new configuration is in force.
  case reloaded
  /// The new configuration is not in force; the one before goes on. The reason ends a sentence.
  case refused(reason: String)

  /// Octets of a message, its kind among them. A longer reason is cut.
  package static let longest = 1024

  private enum Kind: UInt8 {
    case ready = 1
    case reloaded = 2
    case refused = 3
  }

  package var encoded: [UInt8] {
    switch self {
    case .ready: [Kind.ready.rawValue]
    case .reloaded: [Kind.reloaded.rawValue]
    case .refused(let reason):
      [Kind.refused.rawValue] + Array(reason.utf8.prefix(Self.longest - 1))
    }
  }

  /// Nil for a kind of message that this program does not know, and for none at all.
  package init?(decoding bytes: [UInt8]) {
    guard let kind = bytes.first.flatMap(Kind.init(rawValue:)) else { return nil }
    switch kind {
    case .ready: self = .ready
    case .reloaded: self = .reloaded
    case .refused: self = .refused(reason: String(decoding: bytes.dropFirst(), as: UTF8.self))
    }
  }
}
