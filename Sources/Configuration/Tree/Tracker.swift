/// A line of a `track_…` block: what is tracked and what it is worth.
package struct Tracker: Hashable, Sendable {
  /// The interface, or the name of the script, file, process or BFD session.
  package var name: String
  /// 0 means fault; other values change the priority. The definition's unless the line has its own.
  package var weight: Int16
  package var isReversed: Bool

  package init(name: String, weight: Int16 = 0, isReversed: Bool = false) {
    self.name = name
    self.weight = weight
    self.isReversed = isReversed
  }
}
