import Primitives
import Testing
import VRRP

@Suite("Script trackers")
struct ScriptTrackerTests {
  let failure = ScriptTracker.Outcome.exited(status: 1)
  let success = ScriptTracker.Outcome.exited(status: 0)

  @Test("The first result settles the state whatever rise and fall are")
  func first() {
    var good = ScriptTracker(rise: 3, fall: 2)
    #expect(good.status == .initializing)
    #expect(good.ended(success) == .succeeded)
    #expect(good.status == .up)
    var bad = ScriptTracker(rise: 3, fall: 2)
    #expect(bad.ended(failure) == .failed(failure))
    #expect(bad.status == .down)
  }

  @Test("It takes fall failures to go down and rise successes to come up")
  func counts() {
    var script = ScriptTracker(rise: 3, fall: 2)
    _ = script.ended(success)
    #expect(script.ended(failure) == .none)
    #expect(script.status == .up)
    #expect(script.ended(.signalled(9)) == .failed(.signalled(9)))
    #expect(script.status == .down)
    #expect(script.ended(success) == .none)
    #expect(script.ended(success) == .none)
    #expect(script.ended(failure) == .none)
    #expect([script.ended(success), script.ended(success)] == [.none, .none])
    #expect(script.ended(success) == .succeeded)
  }

  @Test("A success fills the count again")
  func refill() {
    var script = ScriptTracker(rise: 1, fall: 2)
    _ = script.ended(success)
    for _ in 0..<5 {
      #expect(script.ended(failure) == .none)
      #expect(script.ended(success) == .none)
    }
    #expect(script.status == .up)
  }

  @Test("A reload carries the state over into the new limits")
  func reload() {
    var script = ScriptTracker(rise: 3, fall: 2)
    #expect(script.carried(rise: 2, fall: 2).status == .initializing)
    _ = script.ended(success)
    #expect(script.carried(rise: 5, fall: 5).result == 9)
    _ = script.ended(failure)
    #expect(script.carried(rise: 5, fall: 5).result == 5)
    _ = script.ended(failure)
    #expect(script.carried(rise: 5, fall: 5).result == 0)
    _ = script.ended(success)
    #expect(script.carried(rise: 5, fall: 5).result == 3)
    #expect(script.carried(rise: 1, fall: 1).status == .down)
  }

  @Test("Failures are logged in the words of the reference")
  func messages() {
    #expect(
      ScriptTracker.Change.failed(.exited(status: 3)).message("chk")
        == "VRRP_Script(chk) failed (exited with status 3)")
    #expect(ScriptTracker.Change.failed(.timedOut).message("chk") == "VRRP_Script(chk) timed_out")
  }
}

@Suite("File trackers")
struct FileTrackerTests {
  @Test(
    "A file is read as strtol does",
    arguments: [
      ("5", 5), (" \t-5junk\n", -5), ("0x10", 16), ("010", 8), ("3.9", 3), ("", 0), ("abc", 0),
      ("+7", 7), ("0x", 0), ("0", 0), ("2147483648", 2_147_483_648), ("09", 0), ("-0x1f", -31),
    ])
  func values(text: String, value: Int) throws {
    var file = FileTracker(value: 1234)
    let octets = Array(text.utf8)
    #expect(try file.read(octets.span))
    #expect(file.value == value)
  }

  @Test(
    "A number out of range keeps the value",
    arguments: ["2147483649", "-2147483649", "99999999999999999999999"])
  func outOfRange(text: String) {
    var file = FileTracker(value: 7)
    let octets = Array(text.utf8)
    #expect(throws: FileTracker.InvalidNumber.self) { try file.read(octets.span) }
    #expect(file.value == 7)
  }

  @Test(
    "A value counts times the weight, and too low is a fault",
    arguments: [
      (1, false, 10, 10, false), (2, false, 10, 20, false), (1, true, 10, -10, false),
      (1, false, 1000, 253, false), (1, false, -254, 0, true), (-1, false, 254, 0, true),
      (1, false, -253, -253, false), (0, false, 1, 0, true), (0, false, 0, 0, false),
      (0, true, 0, 0, true), (0, true, 1, 0, false), (1, true, 254, 0, true),
      (254, false, .max, 253, false), (-254, false, .max, 0, true), (254, true, .min, 253, false),
    ])
  func status(weight: Int, isReversed: Bool, value: Int, contribution: Int, isFault: Bool) {
    let tracking = Tracking(
      TrackerID(.file, 1), weight: weight, isReversed: isReversed, status: .value(value))
    #expect(tracking.contribution == contribution)
    #expect(tracking.isFault == isFault)
  }
}

@Suite("Weights")
struct WeightTests {
  @Test(
    "A weight counts up or down",
    arguments: [
      (20, false, TrackerStatus.up, 20), (20, false, .down, 0), (-20, false, .up, 0),
      (-20, false, .down, -20), (20, true, .up, -20), (-20, true, .down, 20),
      (20, false, .initializing, 0), (-20, false, .reloading, 0),
    ])
  func contribution(weight: Int, isReversed: Bool, status: TrackerStatus, expected: Int) {
    let tracking = Tracking(
      TrackerID(.script, 1), weight: weight, isReversed: isReversed, status: status)
    #expect(tracking.contribution == expected)
    #expect(!tracking.isFault)
  }
}
