import Primitives

/// What the election needs of a received advertisement that passed the checks.
struct Advertisement {
  var source: IPAddress
  var priority: Priority
  /// Version 3: the sender's interval; version 2: ours, which it must be.
  var interval: Microseconds
}
