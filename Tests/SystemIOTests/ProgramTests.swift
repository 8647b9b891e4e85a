import CLinux
import SystemTestSupport
import Testing

@testable import SystemIO

@Suite("Programs")
struct ProgramTests {
  @Test("A program runs in a group of its own, on /dev/null, with nothing else open")
  func surroundings() throws {
    let directory = try ScratchDirectory()
    let path = try directory.script(
      "script",
      """
      cd "${0%/*}"
      streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)
      { cut -d' ' -f5 /proc/$$/stat; echo "$streams"; ls /proc/$$/fd | wc -l
        grep -E '^Sig(Blk|Ign)' /proc/$$/status | tr -d '\\t'; } >out
      """)
    // Open in the parent, and not close-on-exec as a library might leave it.
    let leak = try FileDescriptor.openForReading("/dev/null")
    _ = clinux_fcntl(leak.rawValue, F_SETFD, 0)
    let started = try Program.at(path).start(limits: OriginalLimits())
    #expect(end(of: started.process) == .exited(0))
    let lines = (directory.text("out") ?? "").split(separator: "\n").map(String.init)
    try #require(lines.count == 7)
    #expect(lines[0] == "\(started.process)")
    #expect(lines[1...3] == ["/dev/null", "/dev/null", "/dev/null"])
    // The shell's own descriptor for its script, and those that it made for `out`.
    #expect((Int(lines[4]) ?? 99) <= 6)
    #expect(lines[5] == "SigBlk:0000000000000000")
    // The C library keeps 32 and 33 to itself.
    let ignored = UInt64(lines[6].dropFirst("SigIgn:".count), radix: 16)
    #expect(ignored.map { $0 & ~0x1_8000_0000 } == 0)
    #expect(leak.rawValue > 2)
  }

  @Test("A program that cannot be executed says why", arguments: [Errno.noEntry, .access])
  func failure(error: Errno) throws {
    let directory = try ScratchDirectory()
    if error == .access { try directory.write("program", "x", mode: 0o600) }
    let started = try Program.at(directory("program")).start(limits: OriginalLimits())
    #expect(end(of: started.process) == .exited(127))
    let bytes = try started.failure.read(atMost: 4)
    #expect(bytes == [UInt8(error.rawValue), 0, 0, 0])
  }

  @Test("A program that was executed says nothing")
  func success() throws {
    let started = try Program.at("/bin/sleep", "60").start(limits: OriginalLimits())
    // The other end is closed by the exec.
    #expect(eventually { (try? started.failure.read(atMost: 4)) == [] })
    try Signal.send(Signal.kill, to: -started.process)
    #expect(end(of: started.process) == .signalled(9))
  }

  @Test("The group can be signalled as soon as the start returns")
  func groupAtOnce() throws {
    for _ in 0..<20 {
      let started = try Program.at("/bin/sleep", "60").start(limits: OriginalLimits())
      try Signal.send(Signal.kill, to: -started.process)
      #expect(end(of: started.process) == .signalled(9))
    }
  }

  // In a process of its own, since the environment belongs to all threads.
  @Test("The environment is passed on byte for byte, less what could harm")
  func environment() async {
    await #expect(processExitsWith: .success) {
      let directory = try ScratchDirectory()
      for name in ["IFS", "LD_PRELOAD", "LD_LIBRARY_PATH", "IFSX", "KEPT"] {
        unsafe setenv(name, "value", 1)
      }
      // Not UTF-8.
      let latin: [CChar] = [CChar(bitPattern: 0xe4), 0]
      unsafe setenv("LATIN", latin, 1)
      let program = Program(
        path: "/bin/sh",
        arguments: ["sh", "-c", "tr '\\0' '\\n' </proc/$$/environ >\(directory.path)/out"],
        account: .own)
      let process = try program.start(limits: OriginalLimits()).process
      guard end(of: process) == .exited(0) else { throw Errno.invalid }
      let lines = try FileSystem.contents(of: directory("out")).split(separator: 10)
      func has(_ bytes: [UInt8]) -> Bool { lines.contains { $0.starts(with: bytes) } }
      guard has(Array("KEPT=value".utf8)), has(Array("IFSX=value".utf8)),
        has(Array("LATIN=".utf8) + [0xe4]), !has(Array("IFS=".utf8)),
        !has(Array("LD_PRELOAD=".utf8)), !has(Array("LD_LIBRARY_PATH=".utf8))
      else { throw Errno.noEntry }
    }
  }

  @Test("A program gets exactly the account that it is given", .enabled(if: Accounts.realUser == 0))
  func account() throws {
    let directory = try ScratchDirectory()
    try FileSystem.setOwner(directory.path, user: 12345, group: 12346)
    var program = Program.at("/bin/sh", "-c", "echo $(id -u) $(id -G) >\(directory("out"))")
    program.account = Program.Account(user: 12345, group: 12346, supplementaryGroups: [77])
    let started = try program.start(limits: OriginalLimits())
    #expect(end(of: started.process) == .exited(0))
    #expect(directory.text("out") == "12345 12346 77\n")
  }

  // In a process of its own, since it closes the standard streams.
  @Test("Closed standard streams are opened before another file takes their numbers")
  func standardStreams() async {
    await #expect(processExitsWith: .success) {
      close(0)
      close(2)
      Processes.completeStandardStreams()
      let file = try FileDescriptor.openForReading("/dev/zero")
      guard file.rawValue > 2, try FileSystem.realPath("/proc/self/fd/2") == "/dev/null" else {
        throw Errno.invalid
      }
    }
  }

  @Test("Accounts are found by name")
  func accounts() {
    #expect(Accounts.user("root")?.user == 0)
    #expect(Accounts.group("root") == 0)
    #expect(Accounts.userName(0) == "root")
    #expect(Accounts.user("nobody-of-this-name") == nil)
    #expect(Accounts.groups(of: "root", primary: 0).contains(0))
  }
}
