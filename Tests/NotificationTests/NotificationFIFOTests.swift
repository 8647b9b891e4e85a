import CLinux
import Logging
import Notification
import SystemIO
import SystemTestSupport
import Testing

@Suite("Notification FIFO")
struct NotificationFIFOTests {
  func open(_ directory: ScratchDirectory, beforeOpening: () -> Void = {}) -> NotificationFIFO? {
    NotificationFIFO(
      path: directory("fifo"), owner: .own, kind: "vrrp", log: directory.log(),
      beforeOpening: beforeOpening)
  }

  @Test("Lines wait for a reader")
  func lines() throws {
    let directory = try ScratchDirectory()
    let fifo = try #require(open(directory))
    fifo.write("one\n")
    fifo.write("two\n")
    let reader = try FileDescriptor.openForReading(directory("fifo"))
    #expect(try reader.read(atMost: 100) == Array("one\ntwo\n".utf8))
    #expect(directory.logged == [])
  }

  @Test("Without a reader it fills up, loses lines, and says so once")
  func full() throws {
    let directory = try ScratchDirectory()
    let fifo = try #require(open(directory))
    let line = String(repeating: "x", count: 99) + "\n"
    for _ in 0..<2000 { fifo.write(line) }
    #expect(
      directory.logged == [
        "notify fifo \(directory("fifo")) is full: lines are lost until it is read"
      ])
    let reader = try FileDescriptor.openForReading(directory("fifo"))
    let taken = try reader.read(atMost: 1 << 20)
    // Whole lines only.
    #expect(taken.count % 100 == 0 && !taken.isEmpty)
    fifo.write("again\n")
    #expect(try reader.read(atMost: 100) == Array("again\n".utf8))
  }

  @Test("It is made for its owner and removed at the end")
  func lifetime() throws {
    let directory = try ScratchDirectory()
    var existedBefore = false
    let fifo = try #require(
      open(directory) { existedBefore = (try? FileSystem.status(directory("fifo"))) != nil })
    // Its reader is started when there is something to open.
    #expect(existedBefore)
    let status = try FileSystem.status(directory("fifo"))
    #expect(status.kind == .fifo)
    #expect(status.mode == 0o644 & ~FileSystem.currentMask)
    fifo.remove()
    #expect(directory.names.contains("fifo") == false)
  }

  @Test("One that was there before is used and stays")
  func existing() throws {
    let directory = try ScratchDirectory()
    try directory.fifo("fifo")
    let fifo = try #require(open(directory))
    fifo.remove()
    #expect(directory.names.contains("fifo"))
  }

  @Test("What is no FIFO is not used")
  func other() throws {
    let file = try ScratchDirectory()
    try file.write("fifo", "text")
    #expect(open(file) == nil)
    #expect(file.text("fifo") == "text")
    let link = try ScratchDirectory()
    try link.fifo("real")
    try link.link("fifo", to: link("real"))
    #expect(open(link) == nil)
    for directory in [file, link] {
      #expect(
        directory.logged == [
          "vrrp_notify fifo \(directory("fifo")) is not a fifo we own - not using"
        ])
    }
  }

  @Test("A FIFO of somebody else is not used", .enabled(if: Accounts.realUser == 0))
  func foreign() throws {
    let directory = try ScratchDirectory()
    try directory.fifo("fifo")
    try FileSystem.setOwner(directory("fifo"), user: 12345, group: 12345)
    #expect(open(directory) == nil)
    #expect(directory.names.contains("fifo"))
  }

  @Test("A directory that is missing is told")
  func missing() throws {
    let directory = try ScratchDirectory()
    let path = directory("none/fifo")
    let fifo = NotificationFIFO(
      path: path, owner: .own, kind: "", log: directory.log(), beforeOpening: {})
    #expect(fifo == nil)
    #expect(directory.logged == ["Unable to create notify fifo \(path)"])
  }
}
