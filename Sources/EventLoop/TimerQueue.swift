package import Primitives

/// Timers in the order of their deadlines: an indexed binary heap keyed (deadline, sequence), so
/// that those of one deadline fire in the order in which they were armed, and that any of them can
/// be moved or taken out.
package struct TimerQueue {
  package struct Entry {
    package var deadline: Instant
    var sequence: UInt64
    package var timer: Int

    static func < (left: Entry, right: Entry) -> Bool {
      (left.deadline, left.sequence) < (right.deadline, right.sequence)
    }
  }

  private var heap: [Entry] = []
  /// Where the timer stands in the heap; nil while it is not armed.
  private var position: [Int?] = []
  private var sequence: UInt64 = 0

  package init() {}

  package var first: Entry? { heap.first }
  package var count: Int { heap.count }

  package func isArmed(_ timer: Int) -> Bool {
    position.indices.contains(timer) && position[timer] != nil
  }

  /// Arms a timer, or moves it.
  package mutating func arm(_ timer: Int, at deadline: Instant) {
    while position.count <= timer { position.append(nil) }
    sequence &+= 1
    let entry = Entry(deadline: deadline, sequence: sequence, timer: timer)
    if let index = position[timer] {
      heap[index] = entry
      siftDown(siftUp(index))
    } else {
      heap.append(entry)
      position[timer] = heap.count - 1
      siftUp(heap.count - 1)
    }
  }

  package mutating func disarm(_ timer: Int) {
    guard position.indices.contains(timer), let index = position[timer] else { return }
    position[timer] = nil
    let last = heap.removeLast()
    if index == heap.count { return }
    heap[index] = last
    position[last.timer] = index
    siftDown(siftUp(index))
  }

  /// Takes out the first timer if its deadline has come.
  package mutating func popExpired(at now: Instant) -> Entry? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    disarm(first.timer)
    return first
  }

  @discardableResult
  private mutating func siftUp(_ start: Int) -> Int {
    var index = start
    let entry = heap[index]
    while index > 0 {
      let parent = (index - 1) / 2
      guard entry < heap[parent] else { break }
      heap[index] = heap[parent]
      position[heap[index].timer] = index
      index = parent
    }
    heap[index] = entry
    position[entry.timer] = index
    return index
  }

  private mutating func siftDown(_ start: Int) {
    var index = start
    let entry = heap[index]
    while true {
      var child = 2 * index + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count && heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < entry else { break }
      heap[index] = heap[child]
      position[heap[index].timer] = index
      index = child
    }
    heap[index] = entry
    position[entry.timer] = index
  }
}
