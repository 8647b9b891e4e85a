import EventLoop
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@Suite("Children")
struct ChildTests {
  @Test("The end of a child is told once, with its status")
  func status() throws {
    let loop = try EventLoop()
    var ends: [SystemIO.ExitStatus] = []
    for text in ["exit 3", "kill -9 $$"] {
      let process = try Program.at("/bin/sh", "-c", text).start(limits: OriginalLimits()).process
      _ = try ChildWatch(process, on: loop) { status in
        ends.append(status)
        if ends.count == 2 { loop.stop() }
      }
    }
    loop.after(.seconds(20)) { loop.stop() }
    try loop.run()
    #expect(Set(ends) == [.exited(3), .signalled(9)])
  }

  @Test("A child that is forgotten tells nobody")
  func forgotten() throws {
    let loop = try EventLoop()
    let process = try Program.at("/bin/true").start(limits: OriginalLimits()).process
    var hasEnded = false
    let watch = try ChildWatch(process, on: loop) { _ in hasEnded = true }
    watch.forget()
    watch.forget()
    loop.after(.milliseconds(20)) { loop.stop() }
    try loop.run()
    #expect(!hasEnded)
    #expect(end(of: process) == .exited(0))
  }

  @Test("A watch is let go when its child has ended")
  func released() throws {
    let loop = try EventLoop()
    let process = try Program.at("/bin/true").start(limits: OriginalLimits()).process
    weak var watch: ChildWatch?
    do {
      let new = try ChildWatch(process, on: loop) { _ in loop.stop() }
      watch = new
    }
    #expect(watch != nil)
    loop.after(.seconds(20)) { loop.stop() }
    try loop.run()
    #expect(watch == nil)
  }

  // In a process of its own, since it reaps whatever it finds.
  @Test("What a script leaves behind is reaped, and what is waited for is told")
  func orphans() async {
    await #expect(processExitsWith: .success) {
      Processes.adoptOrphans()
      let loop = try EventLoop()
      let program = Program.at("/bin/sh", "-c", "sleep 0.1 & exit 5")
      var status: SystemIO.ExitStatus?
      let process = try program.start(limits: OriginalLimits()).process
      _ = try ChildWatch(process, on: loop) { status = $0 }
      loop.after(.milliseconds(300)) {
        // The orphan has ended meanwhile, and waits.
        if Processes.ended == nil { Processes.exit(9) }
        loop.reapOrphans()
        loop.stop()
      }
      try loop.run()
      guard status == .exited(5), Processes.ended == nil else { throw Errno.invalid }
    }
  }
}
