import CLinux
import Glibc
import SystemTestSupport
import Testing

@testable import SystemIO

@Suite("Errors of system calls")
struct ErrnoTests {
  @Test("An error has the text of the C library")
  func description() {
    #expect(Errno.noEntry.description == "No such file or directory")
    #expect(Errno(rawValue: 4711).description == "Unknown error 4711")
  }

  @Test("A call that a signal interrupted is made again")
  func interrupted() throws {
    var calls = 0
    let result = try systemCall { () -> Int32 in
      calls += 1
      errno = EINTR
      return calls < 4 ? -1 : 7
    }
    #expect(result == 7)
    #expect(calls == 4)
  }

  @Test("A call that fails throws its error")
  func failed() {
    #expect(throws: Errno.noBufferSpace) {
      try systemCall { () -> Int32 in
        errno = ENOBUFS
        return -1
      }
    }
  }

  @Test("A bad descriptor is a fault of this program")
  func trap() async {
    await #expect(processExitsWith: .failure) {
      let file = FileDescriptor(owning: 1000)
      _ = try? file.read(atMost: 1)
    }
  }
}

@Suite("File descriptors")
struct FileDescriptorTests {
  @Test("A descriptor is closed when its owner goes, and at an exec")
  func closed() throws {
    let raw: Int32
    do {
      let file = try FileDescriptor.openForReading("/dev/null")
      raw = file.rawValue
      #expect(clinux_fcntl(raw, F_GETFD, 0) == FD_CLOEXEC)
      let copy = try file.duplicate()
      #expect(copy.rawValue != raw)
      #expect(clinux_fcntl(copy.rawValue, F_GETFD, 0) == FD_CLOEXEC)
    }
    // Another test may have been given the number since.
    let link = try? FileSystem.realPath("/proc/self/fd/\(raw)")
    #expect(link != "/dev/null" || raw > 2)
  }

  @Test("Reading gives what there is, and nothing at the end")
  func read() throws {
    let directory = try ScratchDirectory()
    let file = try FileDescriptor.openForReading(try directory.write("file", "abcdef"))
    #expect(try file.read(atMost: 4) == Array("abcd".utf8))
    #expect(try file.read(atMost: 4) == Array("ef".utf8))
    #expect(try file.read(atMost: 4) == [])
  }

  @Test("A FIFO without its other end is waited for by nobody")
  func fifo() throws {
    let directory = try ScratchDirectory()
    try directory.fifo("fifo")
    let reader = try FileDescriptor.openForReading(directory("fifo"))
    #expect(try reader.read(atMost: 4) == [])
    let both = try FileDescriptor.openFIFO(directory("fifo"))
    #expect(try both.write([1, 2]) == 2)
    #expect(try reader.read(atMost: 4) == [1, 2])
    try directory.fifo("log")
    #expect(throws: Errno(rawValue: ENXIO)) {
      _ = try FileDescriptor.openLog(directory("log")).rawValue
    }
  }

  @Test("A link is refused where a link could be a trap")
  func links() throws {
    let directory = try ScratchDirectory()
    try directory.write("target", "text")
    try directory.link("link", to: directory("target"))
    let loop = Errno(rawValue: ELOOP)
    #expect(throws: loop) { _ = try FileDescriptor.openLog(directory("link")).rawValue }
    #expect(throws: loop) { _ = try FileDescriptor.openFIFO(directory("link")).rawValue }
    #expect(throws: loop) { _ = try FileDescriptor.createMarker(directory("link")).rawValue }
    #expect(directory.text("target") == "text")
  }

  @Test("All is written, or an error tells")
  func writeAll() throws {
    let directory = try ScratchDirectory()
    try directory.fifo("fifo")
    let fifo = try FileDescriptor.openFIFO(directory("fifo"))
    #expect(throws: Errno.again) { try fifo.writeAll([UInt8](repeating: 1, count: 1 << 20)) }
    let full = try FileDescriptor.open("/dev/full", O_WRONLY)
    #expect(throws: Errno.noSpace) { try full.writeAll([1]) }
  }
}

@Suite("Files by name")
struct FileSystemTests {
  @Test("A file is replaced at once, and its mode obeys the mask")
  func replace() throws {
    let directory = try ScratchDirectory()
    try directory.write("file", "old", mode: 0o600)
    let reader = try FileDescriptor.openForReading(directory("file"))
    try FileSystem.replace(directory("file"), with: Array("new".utf8), mode: 0o666)
    #expect(directory.text("file") == "new")
    // Who had it open still sees the old one.
    #expect(try reader.read(atMost: 10) == Array("old".utf8))
    let mode = try FileSystem.status(directory("file")).mode
    #expect(mode == 0o666 & ~FileSystem.currentMask)
    #expect(directory.names == ["file"])
  }

  @Test("A link is replaced, not followed")
  func replaceLink() throws {
    let directory = try ScratchDirectory()
    try directory.write("target", "text")
    try directory.link("link", to: directory("target"))
    try FileSystem.replace(directory("link"), with: [1], mode: 0o600)
    #expect(directory.text("target") == "text")
    #expect(try FileSystem.status(directory("link"), followingLinks: false).kind == .regular)
  }

  @Test("A replacement that fails leaves nothing behind")
  func replaceFailed() throws {
    let directory = try ScratchDirectory()
    try directory.directory("directory")
    #expect(throws: Errno.self) {
      try FileSystem.replace(directory("directory"), with: [1], mode: 0o600)
    }
    #expect(directory.names == ["directory"])
    #expect(throws: Errno.noEntry) {
      try FileSystem.replace(directory("none/file"), with: [1], mode: 0o600)
    }
  }

  @Test("Contents beyond the limit are refused")
  func limit() throws {
    let directory = try ScratchDirectory()
    try directory.write("file", String(repeating: "x", count: 100))
    #expect(try FileSystem.contents(of: directory("file"), limit: 100).count == 100)
    #expect(throws: Errno.tooLarge) { try FileSystem.contents(of: directory("file"), limit: 99) }
    #expect(throws: Errno.tooLarge) { try FileSystem.contents(of: "/dev/zero", limit: 1000) }
  }

  @Test("The first line is read, from a FIFO too, without waiting")
  func line() throws {
    let directory = try ScratchDirectory()
    try directory.write("file", "one\ntwo\n")
    try directory.write("short", "one")
    try directory.fifo("fifo")
    #expect(FileSystem.line(of: directory("file")) == "one")
    #expect(FileSystem.line(of: directory("short")) == "one")
    #expect(FileSystem.line(of: directory("fifo")) == "")
    #expect(FileSystem.line(of: directory("none")) == nil)
  }

  @Test("The mask is told without touching it")
  func mask() {
    let first = FileSystem.currentMask
    #expect(first <= 0o777)
    #expect(FileSystem.currentMask == first)
  }

  @Test("A directory that is there already is fine, a file of its name is not")
  func createDirectory() throws {
    let directory = try ScratchDirectory()
    try FileSystem.createDirectory(directory("new"), mode: 0o751)
    #expect(try FileSystem.status(directory("new")).mode == 0o751)
    try FileSystem.createDirectory(directory("new"), mode: 0o700)
    try directory.write("file", "")
    #expect(throws: Errno.exists) { try FileSystem.createDirectory(directory("file"), mode: 0o700) }
  }

  @Test("Names come sorted, without . and ..")
  func names() throws {
    let directory = try ScratchDirectory()
    for name in ["b", ".hidden", "a"] { try directory.write(name, "") }
    #expect(try FileSystem.names(in: directory.path) == [".hidden", "a", "b"])
    #expect(throws: Errno.noEntry) { try FileSystem.names(in: directory("none")) }
  }

  @Test("Each kind of file is told")
  func kinds() throws {
    let directory = try ScratchDirectory()
    try directory.fifo("fifo")
    try directory.link("link", to: "fifo")
    #expect(try FileSystem.status(directory("fifo")).kind == .fifo)
    #expect(try FileSystem.status(directory("link")).kind == .fifo)
    #expect(try FileSystem.status(directory("link"), followingLinks: false).kind == .link)
    #expect(try FileSystem.status("/dev/null").kind == .characterDevice)
    #expect(try FileSystem.status("/").kind == .directory)
  }

  @Test("What the kernel executes is told by its first bytes")
  func programs() throws {
    let directory = try ScratchDirectory()
    #expect(ProgramFile.isExecutedByKernel("/bin/sh"))
    #expect(ProgramFile.isExecutedByKernel(try directory.script("script", "true")))
    #expect(!ProgramFile.isExecutedByKernel(try directory.write("text", "#")))
    #expect(!ProgramFile.isExecutedByKernel(directory("none")))
  }

  @Test("Patterns of glob(3) find names; braces mean nothing to it")
  func glob() throws {
    let directory = try ScratchDirectory()
    try directory.write("a", "")
    try directory.directory("b")
    let found = try Glob.paths(matching: Array(directory("*").utf8))
    #expect(found.map { String(decoding: $0, as: UTF8.self) } == [directory("a"), directory("b/")])
    #expect(throws: Glob.Failure.self) { try Glob.paths(matching: Array(directory("{a,b}").utf8)) }
  }
}

@Suite("Pid files")
struct PidFileTests {
  @Test("A pid file holds the number of its process, for everybody to read")
  func write() throws {
    let directory = try ScratchDirectory()
    let file = PidFile(path: directory("pid"))
    try file.lock()
    #expect(directory.text("pid") == "")
    try file.write()
    #expect(directory.text("pid") == "\(Processes.current)\n")
    #expect(try FileSystem.status(directory("pid")).mode == 0o644)
    file.remove()
    #expect(directory.names == [])
  }

  @Test("A second daemon does not get the lock, and harms nothing")
  func locked() throws {
    let directory = try ScratchDirectory()
    let first = PidFile(path: directory("pid"))
    try first.lock()
    try first.write()
    let second = PidFile(path: directory("pid"))
    #expect(performing: { try second.lock() }, throws: { "\($0)" == "locked" })
    second.remove()
    #expect(directory.text("pid") == "\(Processes.current)\n")
    first.release()
    try second.lock()
    #expect(directory.text("pid") == "")
  }

  @Test("A file left over from a crash is taken over")
  func stale() throws {
    let directory = try ScratchDirectory()
    try directory.write("pid", "123456789\n")
    let file = PidFile(path: directory("pid"))
    try file.lock()
    try file.write()
    #expect(directory.text("pid") == "\(Processes.current)\n")
  }

  @Test("A file that was removed or replaced meanwhile is made again")
  func replaced() throws {
    let directory = try ScratchDirectory()
    let file = PidFile(path: directory("pid"))
    try file.lock()
    FileSystem.remove(directory("pid"))
    try file.write()
    #expect(directory.text("pid") == "\(Processes.current)\n")
    FileSystem.remove(directory("pid"))
    try directory.write("pid", "other")
    file.remove()
    // It is not ours any more.
    #expect(directory.text("pid") == "other")
  }

  @Test("What is no regular file is refused, and not waited for")
  func refused() throws {
    let directory = try ScratchDirectory()
    try directory.write("target", "text")
    try directory.link("link", to: directory("target"))
    try directory.fifo("fifo")
    let keeper = try FileDescriptor.openFIFO(directory("fifo"))
    try directory.directory("directory")
    for name in ["link", "fifo", "directory", "none/pid"] {
      let file = PidFile(path: directory(name))
      #expect(performing: { try file.lock() }, throws: { "\($0)".hasPrefix("unusable") })
    }
    #expect(directory.text("target") == "text")
    #expect(throws: Errno.again) { try keeper.read(atMost: 1) }
  }
}
