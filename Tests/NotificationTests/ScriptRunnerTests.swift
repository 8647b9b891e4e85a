import EventLoop
import Logging
import Notification
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@Suite("Script runner")
struct ScriptRunnerTests {
  /// A runner, and what it was told.
  final class Bench {
    let directory: ScratchDirectory
    let loop: EventLoop
    let runner: ScriptRunner
    var ends: [ScriptEnd] = []

    init() throws {
      directory = try ScratchDirectory()
      loop = try EventLoop()
      runner = ScriptRunner(loop: loop, log: directory.log(), limits: OriginalLimits())
    }

    @discardableResult
    func start(_ program: Program, isServing: Bool = false) -> RunningScript? {
      runner.start(program, isServing: isServing) { [unowned self] end in
        ends.append(end)
        if runner.isIdle { loop.stop() }
      }
    }

    func run() throws {
      let limit = loop.after(.seconds(20)) { [unowned self] in loop.stop() }
      try loop.run()
      limit.cancel()
    }
  }

  @Test("A script gets its arguments and tells its status")
  func arguments() throws {
    let bench = try Bench()
    let path = try bench.directory.script("script", "echo \"$#:$1:$2\" >\"${0%/*}/out\"; exit 4")
    bench.start(.at(path, "a b", "$HOME"))
    #expect(!bench.runner.isIdle)
    try bench.run()
    #expect(bench.ends == [.ended(.exited(4))])
    #expect(bench.directory.text("out") == "2:a b:$HOME\n")
    #expect(bench.runner.isIdle)
  }

  @Test("A program that cannot be executed is logged and told, with why")
  func notExecutable() throws {
    let bench = try Bench()
    let path = try bench.directory.write("plain", "text", mode: 0o644)
    bench.start(.at(path))
    bench.start(.at(bench.directory("none")))
    try bench.run()
    #expect(Set(bench.ends) == [.notStarted(.access), .notStarted(.noEntry)])
    #expect(bench.directory.logged.count == 2)
    #expect(bench.directory.logged.allSatisfy { $0.hasPrefix("Error exec-ing command '/tmp/") })
  }

  @Test("A script that ends with 127 itself was started")
  func status127() throws {
    let bench = try Bench()
    bench.start(.at("/bin/sh", "-c", "exit 127"))
    try bench.run()
    #expect(bench.ends == [.ended(.exited(127))])
  }

  @Test("A signal reaches everything that a script has started")
  func group() throws {
    let bench = try Bench()
    let path = try bench.directory.script(
      "script", "sh -c 'echo $$ >\"$0\"; exec sleep 60' \"${0%/*}/inner\" & wait")
    let script = try #require(bench.start(.at(path)))
    #expect(eventually { bench.directory.text("inner")?.hasSuffix("\n") ?? false })
    let text = try #require(bench.directory.text("inner"))
    let inner = try #require(Int32(text.dropLast()))
    script.signal(Signal.kill)
    try bench.run()
    #expect(bench.ends == [.ended(.signalled(9))])
    // It is nobody's child now, or a zombie of somebody else.
    #expect(
      eventually {
        guard let line = FileSystem.line(of: "/proc/\(inner)/stat") else { return true }
        return line.contains(") Z ")
      })
  }

  @Test("Scripts that serve are asked to end, and made to; others run on")
  func endServing() throws {
    let bench = try Bench()
    let stubborn = try bench.directory.script(
      "stubborn", "trap '' TERM; : >\"${0%/*}/ready\"; while :; do sleep 0.05; done")
    bench.start(.at(stubborn), isServing: true)
    bench.start(.at("/bin/sleep", "60"), isServing: true)
    let other = try #require(bench.start(.at("/bin/sleep", "60")))
    #expect(eventually { bench.directory.text("ready") != nil })
    bench.runner.endServing()
    bench.loop.after(.milliseconds(1500)) { other.signal(Signal.user1) }
    try bench.run()
    #expect(bench.ends == [.ended(.signalled(15)), .ended(.signalled(9)), .ended(.signalled(10))])
  }

  @Test("Scripts that should have ended can be killed at once")
  func killServing() throws {
    let bench = try Bench()
    for _ in 0..<3 { bench.start(.at("/bin/sleep", "60"), isServing: true) }
    bench.runner.killServing()
    try bench.run()
    #expect(bench.ends == Array(repeating: .ended(.signalled(9)), count: 3))
  }

  @Test("A script and its runner are let go at the end")
  func released() throws {
    weak var script: RunningScript?
    weak var runner: ScriptRunner?
    do {
      let bench = try Bench()
      runner = bench.runner
      script = bench.start(.at("/bin/true"))
      #expect(script?.isRunning == true)
      try bench.run()
    }
    #expect(script == nil)
    #expect(runner == nil)
  }

  @Test("Descriptors are given back")
  func descriptors() throws {
    let bench = try Bench()
    bench.start(.at("/bin/true"))
    try bench.run()
    // Other tests open and close theirs meanwhile, but not hundreds.
    let before = try FileSystem.names(in: "/proc/self/fd").count
    for _ in 0..<100 {
      bench.start(.at("/bin/true"))
      try bench.run()
    }
    #expect(bench.ends.count == 101)
    #expect(try FileSystem.names(in: "/proc/self/fd").count < before + 80)
  }
}
