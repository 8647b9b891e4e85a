import CLinux
import Configuration
import HealthChecking
import Notification
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

@Suite("MISC_CHECK")
struct MiscTests {
  func attempts(_ bench: Bench, _ text: String, limit: Microseconds = .seconds(10)) throws
    -> (any CheckAttempts)?
  {
    let path = try bench.directory.script("check", text)
    return attempts(bench, path: path, limit: limit)
  }

  func attempts(_ bench: Bench, path: String, limit: Microseconds = .seconds(10))
    -> (any CheckAttempts)?
  {
    let own = Program.Account.own
    let script = Script(
      arguments: [path, "a b"], account: ScriptAccount(user: own.user, group: own.group))
    return bench.attempts(.misc(MiscCheck(script: script, timeout: limit)))
  }

  @Test("The exit status is the result", arguments: [UInt8(0), 1, 7, 255])
  func status(_ status: UInt8) throws {
    let bench = try Bench()
    let attempts = try attempts(bench, "[ \"$1\" = 'a b' ] && exit \(status)")
    for _ in 0..<2 { #expect(try bench.result(attempts) == .script(.exited(status))) }
  }

  @Test("A script that a signal ends says so")
  func signalled() throws {
    let bench = try Bench()
    #expect(try bench.result(attempts(bench, "kill -9 $$")) == .script(.signalled(9)))
  }

  @Test("A script that takes too long is ended, and what it has started")
  func timeout() throws {
    let bench = try Bench()
    let attempts = try attempts(bench, "sleep 60 & sleep 60; :", limit: .milliseconds(50))
    #expect(try bench.result(attempts) == .script(.timedOut))
  }

  @Test("A script that catches the signal is judged by its exit status")
  func caught() throws {
    let bench = try Bench()
    let text = "trap 'exit 3' TERM; touch \"${0%/*}/set\"; while :; do sleep 0.01; done"
    let attempts = try attempts(bench, text, limit: .seconds(1))
    #expect(try bench.result(attempts) == .script(.exited(3)))
  }

  @Test("A script that ignores the signal is killed")
  func killed() throws {
    let bench = try Bench()
    let attempts = try attempts(
      bench, "trap '' TERM; while :; do sleep 0.01; done", limit: .seconds(1))
    #expect(try bench.result(attempts) == .script(.timedOut))
  }

  @Test("A script that a stop of all processes ends first has no result")
  func stopOfAll() throws {
    let bench = try Bench()
    let attempts = try attempts(bench, "kill -TERM $$")
    attempts?.begin(url: 0)
    #expect(
      eventually {
        try? bench.run(.milliseconds(5))
        return bench.environment.runner.isIdle
      })
    // The process hears of the stop now.
    attempts?.cancel()
    try bench.run(.milliseconds(300))
    #expect(bench.results.isEmpty)
  }

  @Test("A script that somebody else terminates has a result, a moment later")
  func terminated() throws {
    let bench = try Bench()
    #expect(try bench.result(attempts(bench, "kill -TERM $$")) == .script(.signalled(15)))
  }

  @Test("A script that is gone, that is no program any more, or whose interpreter is missing fails")
  func gone() throws {
    let bench = try Bench()
    let path = try bench.directory.script("check", "exit 0")
    let attempts = attempts(bench, path: path)
    #expect(try bench.result(attempts) == .script(.exited(0)))
    FileSystem.remove(path)
    for _ in 0..<2 {
      #expect(try bench.result(attempts) == .script(.notRun(reason: "No such file or directory")))
    }
    #expect(
      bench.directory.logged == [
        "Error exec-ing command '\(path)', error 2: No such file or directory"
      ])
    try bench.directory.write("check", "#!\(bench.directory("none"))\n")
    #expect(try bench.result(attempts) == .script(.notRun(reason: "Permission denied")))
    #expect(unsafe chmod(path, 0o755) == 0)
    #expect(try bench.result(attempts) == .script(.notRun(reason: "No such file or directory")))
    _ = try bench.directory.script("check", "exit 7")
    #expect(try bench.result(attempts) == .script(.exited(7)))
  }

  @Test("What the shell says of a file that is gone is no weight")
  func goneForTheShell() throws {
    let bench = try Bench()
    let path = bench.directory("check")
    let own = Program.Account.own
    let account = ScriptAccount(user: own.user, group: own.group)
    var script = Script(arguments: [path], account: account)
    script.form = .shell
    let attempts = bench.attempts(.misc(MiscCheck(script: script, timeout: .seconds(10))))
    #expect(try bench.result(attempts) == .script(.notRun(reason: "No such file or directory")))
    try bench.directory.write("check", "exit 127\n")
    #expect(try bench.result(attempts) == .script(.exited(127)))
    script = Script(arguments: ["<" + path], account: account)
    script.form = .fileTest
    let test = bench.attempts(.misc(MiscCheck(script: script, timeout: .seconds(10))))
    #expect(try bench.result(test) == .script(.exited(0)))
    FileSystem.remove(path)
    #expect(try bench.result(test) == .script(.exited(1)))
  }

  @Test("A cancelled script is ended without a result, and there is one at a time")
  func cancel() throws {
    let bench = try Bench()
    let text = "trap '' TERM; cd \"${0%/*}\"; touch begun; until [ -e end ]; do sleep 0.01; done"
    let attempts = try attempts(bench, text)
    attempts?.begin(url: 0)
    #expect(eventually { bench.directory.names.contains("begun") })
    attempts?.cancel()
    let postponed = try bench.result(attempts)
    #expect(
      postponed
        == .postponed(
          reason: "Misc script \(bench.directory("check")) could not be started. Rescheduling."))
    #expect(bench.results.count == 1)
    try bench.directory.write("end", "")
    #expect(
      eventually {
        try? bench.run(.milliseconds(5))
        return bench.environment.runner.isIdle
      })
    #expect(bench.results.count == 1)
    #expect(try bench.result(attempts) == .script(.exited(0)))
  }
}
