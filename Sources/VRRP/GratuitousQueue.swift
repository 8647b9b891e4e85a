package import Primitives

/// Gratuitous messages that wait because their interface has sent one a moment ago.
///
/// Each address waits at most once, with a count; the addresses of a limiter take turns.
struct GratuitousQueue {
  private struct Entry {
    var router: RouterIndex
    var reference: AddressReference
    var lane: Int
    var count: Int
  }

  /// Two lanes a limiter: ARP, neighbour advertisements.
  private var intervals: [Microseconds] = []
  private var next: [Instant] = []
  private var entries: [Entry] = []

  init(limits: [GratuitousLimit]) {
    for limit in limits {
      intervals.append(limit.arpInterval)
      intervals.append(limit.neighborAdvertisementInterval)
    }
    next = Array(repeating: Instant(microseconds: .min), count: intervals.count)
  }

  private func lane(_ limiter: Int?, _ family: AddressFamily) -> Int? {
    guard let limiter, limiter >= 0 else { return nil }
    let (double, overflow) = limiter.multipliedReportingOverflow(by: 2)
    let lane = family == .ipv4 ? double : double | 1
    return !overflow && intervals.indices.contains(lane) && intervals[lane] > .zero ? lane : nil
  }

  /// Whether the message may go now. If not, it waits; at most `limit` of an address do.
  mutating func admit(
    _ reference: AddressReference, of router: RouterIndex, limiter: Int?, _ family: AddressFamily,
    limit: Int, at now: Instant
  ) -> Bool {
    guard let lane = lane(limiter, family) else { return true }
    if next[lane] <= now, !entries.contains(where: { $0.lane == lane }) {
      next[lane] = now + intervals[lane]
      return true
    }
    let known = entries.firstIndex { $0.router == router && $0.reference == reference }
    if let known {
      entries[known].count = min(entries[known].count + 1, max(1, limit))
    } else {
      entries.append(Entry(router: router, reference: reference, lane: lane, count: 1))
    }
    return false
  }

  mutating func drop(_ router: RouterIndex) { entries.removeAll { $0.router == router } }

  var deadline: Instant? {
    var first: Instant?
    for entry in entries where first.map({ next[entry.lane] < $0 }) ?? true {
      first = next[entry.lane]
    }
    return first
  }

  /// The message that may go now, if any; to be called until there is none.
  mutating func take(at now: Instant) -> (router: RouterIndex, reference: AddressReference)? {
    guard let index = entries.firstIndex(where: { next[$0.lane] <= now }) else { return nil }
    var entry = entries.remove(at: index)
    next[entry.lane] = now + intervals[entry.lane]
    entry.count -= 1
    if entry.count > 0 { entries.append(entry) }
    return (entry.router, entry.reference)
  }
}

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

/// The least time between two gratuitous messages of an interface or of a `garp_group`.
package struct GratuitousLimit: Hashable, Sendable {
  /// Zero: no limit.
  package var arpInterval: Microseconds
  package var neighborAdvertisementInterval: Microseconds

  package init(
    arpInterval: Microseconds = .zero, neighborAdvertisementInterval: Microseconds = .zero
  ) {
    self.arpInterval = arpInterval
    self.neighborAdvertisementInterval = neighborAdvertisementInterval
  }

  package func interval(_ family: AddressFamily) -> Microseconds {
    family == .ipv4 ? arpInterval : neighborAdvertisementInterval
  }
}
