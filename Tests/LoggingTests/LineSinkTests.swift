import CLinux
import Glibc
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import Logging

/// Two ends of something, both blocking, as a shell gives them to a program.
private final class Stream {
  let reading: FileDescriptor
  let writing: FileDescriptor

  init(_ make: (UnsafeMutablePointer<Int32>?) -> Int32) throws {
    var ends: [Int32] = [-1, -1]
    try systemCall { unsafe ends.withUnsafeMutableBufferPointer { unsafe make($0.baseAddress) } }
    reading = FileDescriptor(owning: ends[0])
    writing = FileDescriptor(owning: ends[1])
  }

  static func pipe() throws -> Stream { try unsafe Stream { unsafe pipe2($0, O_CLOEXEC) } }

  static func sockets() throws -> Stream {
    try unsafe Stream { unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, $0) }
  }

  /// The master reads what the terminal is written.
  static func terminal() throws -> Stream {
    try unsafe Stream { ends in
      let master = posix_openpt(O_RDWR | O_NOCTTY)
      guard master >= 0, unlockpt(master) == 0, let name = unsafe ptsname(master) else { return -1 }
      unsafe ends?[0] = master
      unsafe ends?[1] = unsafe clinux_open(name, O_RDWR | O_NOCTTY, 0)
      return unsafe ends?[1] ?? -1
    }
  }

  var isBlocking: Bool { clinux_fcntl(writing.rawValue, F_GETFL, 0) & O_NONBLOCK == 0 }

  func sink() -> LineSink {
    let number = writing.rawValue
    return LineSink(
      open: { try? UnwaitedOutput(sharing: number) }, lossLine: { "lost \($0)\n" })
  }

  /// All lines that have come; the last one may be a part.
  func lines() throws -> [String] {
    _ = clinux_fcntl(reading.rawValue, F_SETFL, O_NONBLOCK)
    var text: [UInt8] = []
    while let bytes = try? reading.read(atMost: 65536), !bytes.isEmpty { text += bytes }
    return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
  }
}

@Suite("Lines to the console and to a file")
struct LineSinkTests {
  /// Lines of 100 octets, more than anything here holds; each is taken or lost.
  private static let many = 10_000

  private static func line(_ number: Int) -> String {
    "\(number) ".padding(to: 99) + "\n"
  }

  /// Writes to something that nobody reads, and reads it then.
  private func check(_ stream: Stream, stop: () -> Void, resume: () -> Void) throws {
    let sink = stream.sink()
    stop()
    let began = Clock.now
    for number in 0..<Self.many { sink.append(Self.line(number)) }
    #expect(Clock.now - began < .seconds(5))
    #expect(sink.isStuck)
    #expect(stream.isBlocking, "it is not ours alone")
    resume()
    var lines = try stream.lines()
    for _ in 0..<1000 where sink.isStuck {
      sink.flush()
      lines += try stream.lines()
    }
    #expect(!sink.isStuck)
    sink.append("last\n")
    lines += try stream.lines()
    let kept = lines.count - 2
    #expect(kept > 0 && kept < Self.many)
    #expect(lines.last == "last")
    #expect(lines.dropLast().last == "lost \(Self.many - kept)")
  }

  @Test("A full pipe is not waited for, and tells what it lost when it is read again")
  func pipe() throws {
    try check(.pipe(), stop: {}, resume: {})
  }

  @Test("Nor is a stream socket, as the journal gives one")
  func socket() throws {
    try check(.sockets(), stop: {}, resume: {})
  }

  @Test("Nor is a terminal that was stopped")
  func terminal() throws {
    let terminal = try Stream.terminal()
    let number = terminal.writing.rawValue
    try check(
      terminal, stop: { _ = tcflow(number, TCOOFF) }, resume: { _ = tcflow(number, TCOON) })
  }

  @Test("What is written to a pipe are whole lines, whoever writes beside us")
  func wholeLines() throws {
    let pipe = try Stream.pipe()
    let sinks = [pipe.sink(), pipe.sink()]
    for number in 0..<3000 { for sink in sinks { sink.append(Self.line(number)) } }
    var lines = try pipe.lines()
    for _ in 0..<1000 where sinks.contains(where: \.isStuck) {
      for sink in sinks { sink.flush() }
      lines += try pipe.lines()
    }
    #expect(lines.count > 3000)
    #expect(lines.allSatisfy { $0.utf8.count == 99 || $0.hasPrefix("lost ") })
  }

  @Test("A line longer than a pipe takes at once arrives whole")
  func longLine() throws {
    let pipe = try Stream.pipe()
    let sink = pipe.sink()
    let long = String(repeating: "x", count: 3 * UnwaitedOutput.wholeWrite)
    sink.append(long + "\n")
    sink.append("short\n")
    #expect(try pipe.lines() == [long, "short"])
  }

  @Test("Lines that are collected are written at the end, or when they are many")
  func collecting() throws {
    let pipe = try Stream.pipe()
    let sink = pipe.sink()
    sink.collect()
    sink.append("one\n")
    #expect(try pipe.lines() == [])
    sink.flush()
    #expect(try pipe.lines() == ["one"])
  }

  @Test("The end of a process gives a reader time, but not for ever")
  func drain() throws {
    let pipe = try Stream.pipe()
    let sink = pipe.sink()
    for number in 0..<1000 { sink.append(Self.line(number)) }
    #expect(sink.isStuck)
    let began = Clock.now
    sink.drain(.milliseconds(50))
    #expect(Clock.now - began < .seconds(2))
    #expect(sink.isStuck)
    #expect(try pipe.lines().count > 0)
    sink.drain(.seconds(5))
    #expect(!sink.isStuck)
  }

  @Test("A pipe of another account, which cannot be opened again, is not waited for either")
  func otherAccount() async {
    await #expect(processExitsWith: .success) {
      let pipe = try Stream.pipe()
      if Accounts.realUser == 0 { _ = setresuid(65534, 65534, 65534) }
      let sink = pipe.sink()
      for number in 0..<5000 { sink.append("line \(number) of those that nobody reads\n") }
      guard sink.isStuck, pipe.isBlocking else { Processes.exit(1) }
      _ = try pipe.lines()
      sink.flush()
      Processes.exit(try pipe.lines().isEmpty ? 2 : 0)
    }
  }

  @Test("What nobody can take any more is counted, and told to who comes next")
  func noReader() async {
    await #expect(processExitsWith: .success) {
      Signal.ignore(SIGPIPE)
      let directory = try ScratchDirectory()
      try directory.fifo("fifo")
      let path = directory("fifo")
      let sink = LineSink(
        open: {
          guard let file = try? FileDescriptor.openLog(path) else { return nil }
          return UnwaitedOutput(owning: file)
        }, lossLine: { "lost \($0)\n" })
      do {
        let reader = try FileDescriptor.openForReading(path)
        sink.append("one\n")
        guard try reader.read(atMost: 100) == Array("one\n".utf8) else { Processes.exit(1) }
      }
      for _ in 0..<3 { sink.append("nobody\n") }
      let reader = try FileDescriptor.openForReading(path)
      sink.append("two\n")
      let text = String(decoding: try reader.read(atMost: 100), as: UTF8.self)
      Processes.exit(text == "lost 3\ntwo\n" ? 0 : 2)
    }
  }

  @Test("A file that is slow is left alone ten times as long, a minute at most")
  func rest() {
    func at(_ milliseconds: Int64) -> Instant { Instant(microseconds: milliseconds * 1000) }
    var rest = Rest()
    #expect(!rest.lasts(at: .zero))
    rest.begin(afterWriteFrom: at(0), to: at(99))
    #expect(!rest.lasts(at: at(99)))
    rest.begin(afterWriteFrom: at(0), to: at(100))
    #expect(rest.lasts(at: at(1099)))
    #expect(!rest.lasts(at: at(1100)))
    rest.begin(afterWriteFrom: at(0), to: at(30_000))
    #expect(rest.lasts(at: at(89_999)))
    #expect(!rest.lasts(at: at(90_000)))
  }
}

extension String {
  fileprivate func padding(to count: Int) -> String {
    self + String(repeating: ".", count: Swift.max(count - utf8.count, 0))
  }
}
