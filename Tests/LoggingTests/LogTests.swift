import SystemIO
import SystemTestSupport
import Testing

@testable import Logging

@Suite("Log")
struct LogTests {
  @Test(
    "No control character reaches a line",
    arguments: [
      ("plain text", "plain text"),
      ("two\nlines", "two lines"),
      ("bell\u{7} escape\u{1b}[31m delete\u{7f}", "bell  escape [31m delete "),
      // A terminal that reads UTF-8 takes U+009B for an escape sequence too.
      ("csi \u{9b}31m nel \u{85}.", "csi  31m nel  ."),
      ("umläut 世界", "umläut 世界"),
      ("nul\0", "nul "),
    ])
  func printable(text: String, expected: String) {
    #expect(Log.printable(text) == expected)
  }

  @Test("A line of syslog has priority, time, identity and process")
  func syslog() throws {
    let directory = try ScratchDirectory()
    let receiver = try DatagramReceiver(at: directory("socket"))
    var options = Log.Options()
    options.facility = Log.Facility.local(3)
    let log = Log(identity: "Keepalived_vrrp", options: options, socket: directory("socket"))
    log.alert("it burns")
    let line = try #require(receiver.receive())
    // local3 is 19; an alert has severity 1.
    #expect(line.hasPrefix("<153>"))
    #expect(line.hasSuffix(" Keepalived_vrrp[\(Processes.current)]: it burns"))
    let stamp = line.dropFirst(5).prefix(15)
    #expect(stamp.split(separator: ":").count == 3, "\(stamp)")
  }

  @Test("Lines that are written together are all there, in order, also in a file")
  func together() throws {
    let directory = try ScratchDirectory()
    var options = Log.Options()
    options.toSyslog = false
    options.file = directory("log")
    let log = Log(identity: "Keepalived", options: options)
    log.together { for number in 0..<3 { log.info("line \(number)") } }
    log.info("after")
    let bytes = try FileSystem.contents(of: directory("log"), limit: 4096)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 4)
    for (number, line) in lines.enumerated() {
      #expect(line.hasSuffix(number < 3 ? ": line \(number)" : ": after"))
    }
  }

  @Test("Text that nobody wants is not even made")
  func lazy() throws {
    var options = Log.Options()
    options.isSilent = true
    var isMade = false
    func text() -> String {
      isMade = true
      return "x"
    }
    Log(identity: "K", options: options).info(text())
    options.isSilent = false
    options.toSyslog = false
    Log(identity: "K", options: options).info(text())
    #expect(!isMade)
  }

  @Test("Details are written with -D only")
  func detail() throws {
    let directory = try ScratchDirectory()
    let quiet = directory.log(detail: 0)
    quiet.detail("small")
    quiet.info("large")
    #expect(directory.logged == ["large"])
    directory.log(detail: 1).detail("small")
    #expect(directory.logged == ["large", "small"])
  }

  @Test(
    "Each process has a file of its own",
    arguments: [
      ("keepalived.log", "keepalived_vrrp.log"), ("log", "log_vrrp"), ("/a.d/log", "/a.d/log_vrrp"),
      ("/a.d/b.c.log", "/a.d/b.c_vrrp.log"),
    ])
  func fileNames(name: String, expected: String) {
    var options = Log.Options()
    options.file = name
    let log = Log(identity: "K", options: options).ofChild("V", fileSuffix: "_vrrp")
    #expect(log.options.file == expected)
    #expect(log.identity == "V")
  }

  @Test("A log file is for its owner only, and a link is not followed")
  func file() throws {
    let directory = try ScratchDirectory()
    directory.log().info("first")
    #expect(try FileSystem.status(directory("log")).mode & 0o077 == 0)
    try directory.write("target", "")
    let other = try ScratchDirectory()
    try other.link("log", to: directory("target"))
    other.log().info("secret")
    #expect(directory.text("target") == "")
  }

  @Test("A FIFO in the place of the log file stops nobody")
  func fifo() throws {
    let directory = try ScratchDirectory()
    try directory.fifo("log")
    directory.log().info("nobody reads")
    #expect(try FileSystem.status(directory("log")).kind == .fifo)
  }
}
