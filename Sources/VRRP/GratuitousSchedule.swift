package import Primitives

/// When and how often the addresses of a MASTER are announced by ARP or neighbour discovery.
package struct GratuitousSchedule: Hashable, Sendable {
  package var masterRepeat = 5
  /// Zero: no second burst.
  package var masterDelay: Microseconds = .seconds(5)
  /// Zero: never.
  package var refresh: Microseconds = .zero
  package var refreshRepeat = 1
  package var lowerPriorityRepeat = 5
  package var lowerPriorityDelay: Microseconds = .seconds(5)
  /// Zero: never.
  package var extraInterface: Microseconds = .zero

  package init() {}
}
