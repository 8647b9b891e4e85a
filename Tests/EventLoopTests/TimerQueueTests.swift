import EventLoop
import Primitives
import Testing

@Suite("Timer queue")
struct TimerQueueTests {
  /// A list that is sorted anew for each question: obviously right.
  struct Model {
    var entries: [(deadline: Instant, order: Int, timer: Int)] = []
    var order = 0

    mutating func arm(_ timer: Int, at deadline: Instant) {
      disarm(timer)
      order += 1
      entries.append((deadline, order, timer))
    }

    mutating func disarm(_ timer: Int) { entries.removeAll { $0.timer == timer } }

    var first: (deadline: Instant, timer: Int)? {
      entries.min { ($0.deadline, $0.order) < ($1.deadline, $1.order) }
        .map { ($0.deadline, $0.timer) }
    }

    mutating func popExpired(at now: Instant) -> Int? {
      guard let first, first.deadline <= now else { return nil }
      disarm(first.timer)
      return first.timer
    }
  }

  /// SplitMix64.
  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var value = state
      value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
      value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
      return value ^ value >> 31
    }
  }

  @Test("It does what a sorted list does", arguments: UInt64(1)...40)
  func model(seed: UInt64) {
    var random = Generator(state: seed)
    var queue = TimerQueue()
    var model = Model()
    var now = Instant.zero
    for step in 0..<600 {
      // Few deadlines, so that many are equal.
      let timer = Int.random(in: 0..<24, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let deadline = now + Microseconds(Int64.random(in: -3...12, using: &random))
        queue.arm(timer, at: deadline)
        model.arm(timer, at: deadline)
      case 5, 6:
        queue.disarm(timer)
        model.disarm(timer)
      default:
        now = now + Microseconds(Int64.random(in: 0...4, using: &random))
        while let expected = model.popExpired(at: now) {
          #expect(queue.popExpired(at: now)?.timer == expected, "seed \(seed), step \(step)")
        }
        #expect(queue.popExpired(at: now)?.timer == nil, "seed \(seed), step \(step)")
      }
      #expect(queue.count == model.entries.count)
      #expect(queue.first?.deadline == model.first?.deadline)
      #expect(queue.first?.timer == model.first?.timer)
      #expect(queue.isArmed(timer) == model.entries.contains { $0.timer == timer })
    }
  }

  @Test("Timers of one deadline come in the order in which they were armed")
  func order() {
    var queue = TimerQueue()
    let deadline = Instant(microseconds: 5)
    for timer in [3, 1, 4, 2] { queue.arm(timer, at: deadline) }
    // Armed anew is armed last.
    queue.arm(3, at: deadline)
    var popped: [Int] = []
    while let entry = queue.popExpired(at: deadline) { popped.append(entry.timer) }
    #expect(popped == [1, 4, 2, 3])
  }

  @Test("What was never armed can be disarmed")
  func disarmUnknown() {
    var queue = TimerQueue()
    queue.disarm(7)
    #expect(queue.count == 0)
    #expect(!queue.isArmed(7))
  }

  @Test("The ends of time are deadlines like others")
  func extremes() {
    var queue = TimerQueue()
    queue.arm(0, at: .distantFuture)
    queue.arm(1, at: Instant(microseconds: .min))
    #expect(queue.popExpired(at: .zero)?.timer == 1)
    #expect(queue.popExpired(at: .zero)?.timer == nil)
    #expect(queue.popExpired(at: .distantFuture)?.timer == 0)
  }
}
