/// What is known of a tracked thing.
package enum TrackerStatus: Hashable, Sendable {
  /// A script that has not ended once since the start: holds an unweighted router back.
  case initializing
  /// A script that is new at a reload: nothing is known, and nothing is held back.
  case reloading
  case up
  case down
  /// The number in a tracked file.
  case value(Int)
}
