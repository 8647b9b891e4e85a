/// The place of a virtual router in `VirtualRouters`, in configuration order.
///
/// It is valid until the next reload, which gives new ones.
package struct RouterIndex: RawRepresentable, Hashable, Comparable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  package static func < (left: RouterIndex, right: RouterIndex) -> Bool {
    left.rawValue < right.rawValue
  }
}
