import EventLoop
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@Suite("Event loop")
struct EventLoopTests {
  /// Writes down what it is told, and stops the loop when that is enough.
  final class Recorder: ReadinessHandler, TimerHandler {
    let loop: EventLoop
    let enough: Int
    var tokens: [Int] = []
    var react: (Int) -> Void = { _ in }

    init(_ loop: EventLoop, enough: Int) {
      self.loop = loop
      self.enough = enough
    }

    func ready(_ readiness: Readiness, token: Int) { note(token) }
    func timerFired(token: Int, at now: Instant) { note(token) }

    private func note(_ token: Int) {
      tokens.append(token)
      react(token)
      if tokens.count >= enough { loop.stop() }
    }
  }

  @Test("Timers fire in the order of their deadlines")
  func timers() throws {
    let loop = try EventLoop()
    let recorder = Recorder(loop, enough: 3)
    let now = Clock.now
    for (token, delay) in [(1, Int64(9)), (2, 3), (3, 6)] {
      loop.arm(loop.makeTimer(recorder, token: token), at: now + .milliseconds(delay))
    }
    try loop.run()
    #expect(recorder.tokens == [2, 3, 1])
    #expect(Clock.now - now >= .milliseconds(9))
  }

  @Test("A timer that is disarmed does not fire")
  func disarm() throws {
    let loop = try EventLoop()
    let recorder = Recorder(loop, enough: 1)
    let first = loop.makeTimer(recorder, token: 1)
    loop.arm(first, at: Clock.now)
    loop.arm(loop.makeTimer(recorder, token: 2), at: Clock.now + .milliseconds(3))
    loop.disarm(first)
    try loop.run()
    #expect(recorder.tokens == [2])
  }

  @Test("A timer that arms itself for now waits for the next turn")
  func rearm() throws {
    let loop = try EventLoop()
    let recorder = Recorder(loop, enough: 5)
    let timer = loop.makeTimer(recorder, token: 1)
    var turns = 0
    loop.beforeWaiting = { turns += 1 }
    recorder.react = { _ in loop.arm(timer, at: loop.now) }
    loop.arm(timer, at: Clock.now)
    try loop.run()
    #expect(recorder.tokens.count == 5)
    #expect(turns >= 5)
  }

  @Test("A timer discarded twice is given to one new user only")
  func discardTwice() throws {
    let loop = try EventLoop()
    let recorder = Recorder(loop, enough: 2)
    let old = loop.makeTimer(recorder)
    loop.discard(old)
    loop.discard(old)
    let first = loop.makeTimer(recorder, token: 1)
    let second = loop.makeTimer(recorder, token: 2)
    #expect(first != second)
    loop.arm(first, at: Clock.now)
    loop.arm(second, at: Clock.now)
    try loop.run()
    #expect(recorder.tokens == [1, 2])
  }

  @Test("An alarm rings once, and a cancelled one never")
  func alarms() throws {
    let loop = try EventLoop()
    var rung: [Int] = []
    loop.after(.milliseconds(2)) { rung.append(1) }
    let cancelled = loop.after(.milliseconds(1)) { rung.append(2) }
    loop.after(.milliseconds(6)) { loop.stop() }
    cancelled.cancel()
    cancelled.cancel()
    try loop.run()
    #expect(rung == [1])
  }

  @Test("An alarm can be cancelled by one that rings at the same time")
  func cancelAtOnce() throws {
    let loop = try EventLoop()
    var rung: [Int] = []
    var second: Alarm?
    loop.after(.milliseconds(1)) {
      rung.append(1)
      second?.cancel()
    }
    second = loop.after(.milliseconds(1)) { rung.append(2) }
    loop.after(.milliseconds(5)) { loop.stop() }
    try loop.run()
    #expect(rung == [1] || rung == [1, 2])
    #expect(rung.first == 1)
  }

  @Test("A handler is told which of its descriptors is ready")
  func descriptors() throws {
    let loop = try EventLoop()
    let counters = [try EventCounter(), try EventCounter()]
    let recorder = Recorder(loop, enough: 2)
    recorder.react = { _ = counters[$0].take() }
    for (token, counter) in counters.enumerated() {
      _ = try loop.watch(counter.descriptor.rawValue, recorder, token: token)
    }
    loop.after(.milliseconds(1)) { counters[1].add() }
    loop.after(.milliseconds(3)) { counters[0].add() }
    try loop.run()
    #expect(recorder.tokens == [1, 0])
  }

  @Test("An event of this turn is dropped when its descriptor is no longer watched")
  func unwatchWithinTurn() throws {
    let loop = try EventLoop()
    let counters = [try EventCounter(), try EventCounter()]
    let recorder = Recorder(loop, enough: 100)
    var watches: [EventLoop.Watch] = []
    for (token, counter) in counters.enumerated() {
      counter.add()
      watches.append(try loop.watch(counter.descriptor.rawValue, recorder, token: token))
    }
    // Whoever comes first ends the other's watch.
    recorder.react = { loop.unwatch(watches[1 - $0]) }
    loop.after(.milliseconds(3)) { loop.stop() }
    try loop.run()
    #expect(Set(recorder.tokens).count == 1)
  }

  @Test("A slot that is used again does not get the event of its earlier use")
  func generations() throws {
    let loop = try EventLoop()
    let counters = [try EventCounter(), try EventCounter()]
    let silent = try EventCounter()
    let recorder = Recorder(loop, enough: 100)
    var watches: [EventLoop.Watch] = []
    for (token, counter) in counters.enumerated() {
      counter.add()
      watches.append(try loop.watch(counter.descriptor.rawValue, recorder, token: token))
    }
    recorder.react = { token in
      guard recorder.tokens.count == 1 else { return }
      loop.unwatch(watches[1 - token])
      _ = try? loop.watch(silent.descriptor.rawValue, recorder, token: 9)
    }
    loop.after(.milliseconds(3)) { loop.stop() }
    try loop.run()
    #expect(!recorder.tokens.contains(9))
  }

  @Test("A watch that has ended cannot end another one of the same slot")
  func staleWatch() throws {
    let loop = try EventLoop()
    let counters = [try EventCounter(), try EventCounter()]
    let recorder = Recorder(loop, enough: 1)
    let old = try loop.watch(counters[0].descriptor.rawValue, recorder, token: 0)
    loop.unwatch(old)
    _ = try loop.watch(counters[1].descriptor.rawValue, recorder, token: 1)
    loop.unwatch(old)
    try loop.change(old, to: .writable)
    counters[1].add()
    loop.after(.seconds(5)) { loop.stop() }
    try loop.run()
    #expect(recorder.tokens == [1])
  }

  @Test("A descriptor that cannot be watched throws, and the loop goes on")
  func refusedDescriptor() throws {
    let loop = try EventLoop()
    let recorder = Recorder(loop, enough: 1)
    // A regular file is always ready: epoll refuses it.
    let file = try FileDescriptor.openForReading("/proc/self/cmdline")
    let directory = try ScratchDirectory()
    let regular = try FileDescriptor.openForReading(try directory.write("file", "x"))
    #expect(throws: Errno.permission) { try loop.watch(regular.rawValue, recorder) }
    loop.after(.milliseconds(1)) { loop.stop() }
    try loop.run()
    #expect(recorder.tokens.isEmpty)
    #expect(file.rawValue >= 0)
  }

  @Test("A late turn is reported, with by how much it was late")
  func lateness() throws {
    let loop = try EventLoop()
    loop.lateness = .milliseconds(5)
    var reported: [Microseconds] = []
    loop.wokeLate = { reported.append($0) }
    loop.after(.milliseconds(1)) { _ = eventually { Clock.now - loop.now > .milliseconds(20) } }
    loop.after(.milliseconds(2)) { loop.stop() }
    try loop.run()
    #expect(reported.contains { $0 >= .milliseconds(5) })
  }

  /// Timer 9 is due long since when the next turn begins, and something waits to be read.
  private func makeLate(_ recorder: Recorder, _ counter: EventCounter) {
    let loop = recorder.loop
    loop.after(.milliseconds(1)) {
      loop.arm(loop.makeTimer(recorder, token: 9), at: loop.now + .milliseconds(1))
      _ = eventually { Clock.now - loop.now > .milliseconds(5) }
      counter.add()
    }
  }

  @Test("A late turn reads all that waits before a timer decides")
  func readsBeforeItDecides() throws {
    let loop = try EventLoop()
    let counter = try EventCounter()
    let recorder = Recorder(loop, enough: 4)
    recorder.react = { token in
      if token == 1 && recorder.tokens.count == 3 { _ = counter.take() }
    }
    _ = try loop.watch(counter.descriptor.rawValue, recorder, token: 1)
    makeLate(recorder, counter)
    try loop.run()
    #expect(recorder.tokens == [1, 1, 1, 9])
  }

  @Test("What never ends to come in does not keep the timers of a late turn waiting")
  func flood() throws {
    let loop = try EventLoop()
    let counter = try EventCounter()
    let recorder = Recorder(loop, enough: .max)
    recorder.react = { if $0 == 9 { loop.stop() } }
    _ = try loop.watch(counter.descriptor.rawValue, recorder, token: 1)
    makeLate(recorder, counter)
    try loop.run()
    #expect(recorder.tokens.last == 9)
    #expect(recorder.tokens.count <= Turn.limit + 2)
  }

  @Test("The loop holds nothing when it is gone")
  func release() throws {
    weak var gone: EventLoop?
    weak var handler: Recorder?
    do {
      let loop = try EventLoop()
      gone = loop
      let counter = try EventCounter()
      final class Idle: ReadinessHandler { func ready(_ readiness: Readiness, token: Int) {} }
      _ = try loop.watch(counter.descriptor.rawValue, Idle())
      loop.after(.seconds(60)) {}
      handler = nil
    }
    #expect(gone == nil)
    #expect(handler == nil)
  }
}
