/// The place of a sync group in `VirtualRouters`, in configuration order.
package struct GroupIndex: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static func < (left: GroupIndex, right: GroupIndex) -> Bool {
    left.rawValue < right.rawValue
  }
}
