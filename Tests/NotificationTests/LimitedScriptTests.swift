import EventLoop
import Logging
import Notification
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@Suite("Scripts with a limit")
struct LimitedScriptTests {
  /// A runner and one script, and what was told of its end.
  final class Bench {
    let directory: ScratchDirectory
    let loop: EventLoop
    let runner: ScriptRunner
    var ends: [LimitedScript.End] = []
    /// When it was told, after the start.
    var duration = Microseconds.zero

    init() throws {
      directory = try ScratchDirectory()
      loop = try EventLoop()
      runner = ScriptRunner(loop: loop, log: directory.log(), limits: OriginalLimits())
    }

    func start(_ command: String, limit: Microseconds = .seconds(10)) -> LimitedScript? {
      let began = Clock.now
      return LimitedScript(
        .at("/bin/sh", "-c", command), limit: limit, in: runner, on: loop, overdue: { _ in },
        ended: { [unowned self] end in
          ends.append(end)
          duration = Clock.now - began
          loop.stop()
        })
    }

    func run(_ longest: Microseconds = .seconds(20)) throws {
      let limit = loop.after(longest) { [unowned self] in loop.stop() }
      try loop.run()
      limit.cancel()
    }
  }

  @Test(
    "An end is told once and at once",
    arguments: [
      ("exit 3", LimitedScript.End.exited(3)), ("kill -KILL $$", .signalled(9)),
      ("kill -INT $$", .signalled(2)),
    ])
  func ends(command: String, expected: LimitedScript.End) throws {
    let bench = try Bench()
    _ = bench.start(command)
    try bench.run()
    #expect(bench.ends == [expected])
  }

  @Test("SIGTERM that is not ours may be a stop of all: that is told a moment later")
  func terminated() throws {
    let bench = try Bench()
    let script = bench.start("kill -TERM $$")
    #expect(eventually { bench.runner.isIdle || (try? bench.run(.milliseconds(5))) == nil })
    #expect(bench.ends.isEmpty, "it has ended, and nobody knows")
    // It has ended already: there is nothing to be done.
    script?.terminate()
    try bench.run()
    #expect(bench.ends == [.signalled(15)])
    #expect(bench.duration >= .milliseconds(100))
  }

  @Test("Who is asked to end by us has been timed out, without delay")
  func timedOut() throws {
    let bench = try Bench()
    _ = bench.start("exec sleep 60", limit: .milliseconds(10))
    try bench.run()
    #expect(bench.ends == [.timedOut])
  }
}
