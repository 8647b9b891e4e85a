import Configuration
import EventLoop
import Kernel
import Logging
import Notification
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import ProcessFrame

/// A process that notes what its frame asks of it.
private final class Recorder: FramedProcess {
  unowned let frame: ProcessFrame
  var calls: [String] = []
  var failure: StartFailure?
  var whenStarted: () -> Void = {}
  var whenStopped: () -> Void = {}

  init(_ frame: ProcessFrame) { self.frame = frame }

  func start() throws(StartFailure) {
    calls.append("start")
    if let failure { throw failure }
    whenStarted()
  }
  func reload() { calls.append("reload") }
  func stop() {
    calls.append("stop")
    whenStopped()
    frame.finish(7)
  }
  func cleanUp() { calls.append("cleanUp") }
  func dump(_ request: DumpRequest) { calls.append("dump \(request)") }
  func wokeLate(by lateness: Microseconds) { calls.append("late") }
}

@Suite("The frame of a process", .serialized)
struct ProcessFrameTests {
  let directory: ScratchDirectory
  let frame: ProcessFrame

  init() throws {
    directory = try ScratchDirectory()
    frame = try ProcessFrame(
      title: "test", log: directory.log(), limits: OriginalLimits(), heedsInterrupt: true)
  }

  @Test("It starts, runs, stops once, and cleans up at the end")
  func life() throws {
    let process = Recorder(frame)
    process.whenStarted = {
      frame.loop.after(.milliseconds(1)) {
        frame.stop()
        frame.stop()
      }
    }
    #expect(try frame.run(process) == 7)
    #expect(process.calls == ["start", "stop", "cleanUp"])
  }

  @Test("A process that cannot begin is cleaned up, and says why")
  func failure() throws {
    let process = Recorder(frame)
    process.failure = StartFailure(.permission)
    do throws(StartFailure) {
      _ = try frame.run(process)
      Issue.record("it has begun")
    } catch {
      #expect(error.status == ChildExit.permission.rawValue)
      #expect(error.reason == Errno.permission.description)
    }
    #expect(process.calls == ["start", "cleanUp"])
  }

  @Test("The end waits for scripts that tell of it")
  func scripts() throws {
    let process = Recorder(frame)
    let script = try directory.script("tell", "sleep 0.1; echo told >\(directory("told"))")
    process.whenStopped = { frame.scripts.start(.at(script), isServing: true) }
    process.whenStarted = { frame.loop.after(.milliseconds(1)) { frame.stop() } }
    #expect(try frame.run(process) == 7)
    #expect(directory.text("told") == "told\n")
    #expect(process.calls.last == "cleanUp")
  }

  @Test("The end does not wait for ever, and what serves is killed")
  func endlessScript() throws {
    let process = Recorder(frame)
    let script = try directory.script("sleep", "exec sleep 100")
    var running: RunningScriptReference?
    process.whenStopped = {
      running = frame.scripts.start(.at(script), isServing: true).map { .init(process: $0.process) }
    }
    process.whenStarted = { frame.loop.after(.milliseconds(1)) { frame.stop() } }
    let began = Clock.now
    #expect(try frame.run(process) == 7)
    #expect(Clock.now - began < .seconds(5))
    let number = try #require(running).process
    #expect(end(of: number) == .signalled(Signal.kill))
  }

  private struct RunningScriptReference { let process: Int32 }
}

@Suite("Scheduling")
struct SchedulingTests {
  @Test("Automatic priority counts only without a real-time priority of its own")
  func automatic() {
    var global = GlobalDefinitions()
    #expect(Scheduling.Settings(global, nil).highestAutomaticPriority == 0)
    global.maxAutoPriority = .upTo(5)
    #expect(Scheduling.Settings(global, nil).highestAutomaticPriority == 5)
    var process = ProcessScheduling()
    process.rtPriority = 3
    #expect(Scheduling.Settings(global, process).highestAutomaticPriority == 0)
  }

  /// In a process of its own: what root makes of its priority no test beside it should have.
  @Test("A nice value follows the configuration, and goes back to where the process began")
  func nice() async {
    await #expect(processExitsWith: .success) {
      let directory = try ScratchDirectory()
      let loop = try EventLoop()
      let scheduling = Scheduling(title: "test", log: directory.log())
      let original = Resources.nice
      var process = ProcessScheduling()
      for value in [original + 2, original + 4] {
        process.priority = Int8(value)
        scheduling.apply(Scheduling.Settings(GlobalDefinitions(), process), to: loop)
        guard Resources.nice == value else { Processes.exit(1) }
      }
      // Only root may become less nice.
      if Accounts.realUser == 0 {
        scheduling.apply(Scheduling.Settings(GlobalDefinitions(), nil), to: loop)
        guard Resources.nice == original else { Processes.exit(2) }
      }
      Processes.exit(0)
    }
  }

  @Test(
    "A real-time priority follows the configuration, and is given up for long work",
    .enabled(if: Accounts.realUser == 0))
  func realTime() async {
    await #expect(processExitsWith: .success) {
      let directory = try ScratchDirectory()
      let loop = try EventLoop()
      let scheduling = Scheduling(title: "test", log: directory.log())
      /// The real-time priority and the policy of proc(5): 0 is normal, 2 is round-robin.
      func state() throws -> [Substring] {
        let text = String(
          decoding: try FileSystem.contents(of: "/proc/thread-self/stat"), as: UTF8.self)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        return Array(fields[37...38])
      }
      var process = ProcessScheduling()
      // Nothing here takes long, but the machine may be busy.
      process.rlimitRttime = .seconds(5)
      let priorities: [UInt8] = [7, 7, 9]
      for priority in priorities {
        process.rtPriority = priority
        scheduling.apply(Scheduling.Settings(GlobalDefinitions(), process), to: loop)
        guard try state() == ["\(priority)", "2"] else { Processes.exit(1) }
        scheduling.suspendRealTime()
        guard try state() == ["0", "0"] else { Processes.exit(2) }
      }
      process.rtPriority = 0
      scheduling.apply(Scheduling.Settings(GlobalDefinitions(), process), to: loop)
      guard try state() == ["0", "0"] else { Processes.exit(3) }
      // Lateness brings one priority after the other, up to the highest.
      var global = GlobalDefinitions()
      global.maxAutoPriority = .upTo(2)
      scheduling.apply(Scheduling.Settings(global, process), to: loop)
      for expected in ["1", "2", "2"] {
        scheduling.wokeLate(by: .seconds(1))
        guard try state() == [Substring(expected), "2"] else { Processes.exit(4) }
      }
      scheduling.apply(Scheduling.Settings(global, process), to: loop)
      guard try state() == ["0", "0"] else { Processes.exit(5) }
      let risen = directory.logged.filter { $0.hasPrefix("Set realtime priority") }
      Processes.exit(risen == (1...2).map { "Set realtime priority \($0)" } ? 0 : 6)
    }
  }

  @Test(
    "Memory is locked and let go as the configuration asks", .enabled(if: Accounts.realUser == 0))
  func lockedMemory() async {
    await #expect(processExitsWith: .success) {
      let directory = try ScratchDirectory()
      let loop = try EventLoop()
      let scheduling = Scheduling(title: "test", log: directory.log())
      func isLocked() throws -> Bool {
        let text = String(decoding: try FileSystem.contents(of: "/proc/self/status"), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmLck:") }
        return line.map { !$0.hasSuffix(" 0 kB") } ?? false
      }
      var process = ProcessScheduling()
      for wanted in [true, true, false, true] {
        process.noSwap = wanted
        scheduling.apply(Scheduling.Settings(GlobalDefinitions(), process), to: loop)
        guard try isLocked() == wanted else { Processes.exit(1) }
      }
      Processes.exit(0)
    }
  }

  @Test("Processors follow the configuration, and all come back without it")
  func affinity() async {
    await #expect(processExitsWith: .success) {
      let directory = try ScratchDirectory()
      let loop = try EventLoop()
      let scheduling = Scheduling(title: "test", log: directory.log())
      let original = Resources.affinity
      guard let first = original.first else { Processes.exit(1) }
      var process = ProcessScheduling()
      process.cpuAffinity = [first]
      scheduling.apply(Scheduling.Settings(GlobalDefinitions(), process), to: loop)
      guard Resources.affinity == [first] else { Processes.exit(2) }
      scheduling.apply(Scheduling.Settings(GlobalDefinitions(), nil), to: loop)
      Processes.exit(Resources.affinity == original ? 0 : 3)
    }
  }
}
