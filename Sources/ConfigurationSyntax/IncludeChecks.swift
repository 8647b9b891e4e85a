/// What must not go wrong with an `include`.
package struct IncludeChecks: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Every file that is matched can be read.
  package static let read = IncludeChecks(rawValue: 1)
  /// A file that is named exists.
  package static let match = IncludeChecks(rawValue: 2)
  /// A wildcard matches something.
  package static let wildcardMatch = IncludeChecks(rawValue: 4)
  /// Every alternative in braces exists.
  package static let braceMatch = IncludeChecks(rawValue: 8)

  package static let all: IncludeChecks = [.read, .match, .wildcardMatch, .braceMatch]
  /// What holds for the file on the command line.
  package static let topLevel: IncludeChecks = [.read, .match, .wildcardMatch]

  /// What the letter behind `include` asks for; nil for a letter that is none.
  init?(modifier: UInt8) {
    switch modifier {
    case UInt8(ascii: "r"): self = .read
    case UInt8(ascii: "m"): self = [.read, .match]
    case UInt8(ascii: "w"): self = [.read, .match, .wildcardMatch]
    case UInt8(ascii: "b"): self = [.read, .braceMatch]
    case UInt8(ascii: "a"): self = .all
    default: return nil
    }
  }
}
