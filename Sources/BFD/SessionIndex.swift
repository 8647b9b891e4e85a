/// The place of a session in `BFDSessions`, in configuration order.
///
/// It is valid until the next reload, which gives new ones.
package struct SessionIndex: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static func < (left: SessionIndex, right: SessionIndex) -> Bool {
    left.rawValue < right.rawValue
  }
}
