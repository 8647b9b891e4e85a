package import Primitives
package import SystemIO

/// What the BFD process says of one session: a record of fixed size in a pipe.
package struct SessionRecord: Hashable, Sendable {
  package var name: String
  package var isUp: Bool
  package var sentAt: Instant

  package init(name: String, isUp: Bool, sentAt: Instant) {
    self.name = name
    self.isUp = isUp
    self.sentAt = sentAt
  }

  /// The longest name, in octets.
  package static let longestName = 31
  /// Name, state, time: one write of it is never cut (pipe(7)).
  package static let length = 48

  private static let nameField = 0..<32
  private static let stateField = 32
  private static let timeField = 40..<48

  package var encoded: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.length)
    for (index, octet) in name.utf8.prefix(Self.longestName).enumerated() { bytes[index] = octet }
    bytes[Self.stateField] = isUp ? 1 : 0
    let time = UInt64(bitPattern: sentAt.microseconds)
    for (offset, index) in Self.timeField.enumerated() {
      bytes[index] = UInt8(truncatingIfNeeded: time >> UInt64(offset * 8))
    }
    return bytes
  }

  /// Nil for anything but a whole record.
  package init?(decoding bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.length else { return nil }
    let start = bytes.startIndex
    let field = bytes[start..<start + Self.nameField.count]
    name = String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    isUp = bytes[start + Self.stateField] != 0
    let time = Self.timeField.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[start + $1]) }
    sentAt = Instant(microseconds: Int64(bitPattern: time))
  }
}

/// The pipes from the BFD process to those that follow its sessions. The parent makes them once, so
/// that they outlive any child.
package final class SessionChannels {
  package let vrrp: Pipe
  package let checker: Pipe
  /// Counted by a process that has just begun and must hear every state.
  package let requests: EventCounter

  package init() throws(Errno) {
    vrrp = try Pipe()
    checker = try Pipe()
    requests = try EventCounter()
  }
}
