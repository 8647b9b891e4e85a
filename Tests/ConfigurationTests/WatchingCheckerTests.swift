import Configuration
import ConfigurationSyntax
import Primitives
import Testing

private let secure = "global_defs {\nenable_script_security\n}\n"
private let violation =
  "SECURITY VIOLATION - check scripts are being executed but script_security not enabled."

@Suite("MISC_CHECK and the scripts of servers")
struct MiscCheckTests {
  private static func misc(_ outcome: ReadingOutcome) throws -> MiscCheck {
    guard case .misc(let check) = try outcome.checker().kind else {
      throw Unexpected(checker: try outcome.checker())
    }
    return check
  }

  private static func host(_ change: (inout HostScript) -> Void) -> FakeHost {
    let host = FakeHost()
    var script = host.programs["/usr/bin/true"] ?? HostScript(realPath: "/x")
    script.realPath = "/x"
    change(&script)
    host.programs["/x"] = script
    return host
  }

  @Test("All values")
  func values() throws {
    let outcome = read(
      secure
        + checker(
          "MISC_CHECK",
          """
          misc_path "/usr/bin/true 'a b' c" ignored words
          misc_timeout 4294
          misc_dynamic no
          user web adm
          """))
    #expect(outcome.messages == [])
    let check = try Self.misc(outcome)
    #expect(check.script?.arguments == ["/usr/bin/true", "a b", "c"])
    #expect(check.script?.account == ScriptAccount(user: 1000, group: 4))
    #expect(check.timeout == .seconds(4294))
    #expect(check.isDynamic)
  }

  @Test("Without a time limit that of the virtual server's loop")
  func timeout() throws {
    let text = virtualServer(
      "delay_loop 7",
      server: "real_server 198.51.100.1 {\ndelay_loop 5\nMISC_CHECK {\nmisc_path </x\n}\n}")
    #expect(try Self.misc(read(text)).timeout == .seconds(7))
  }

  @Test(
    "A bad value is reported on its line and changes nothing",
    arguments: [
      ("misc_timeout 4295", "Invalid misc_timeout value '4295'"),
      ("misc_timeout 5x", "Invalid misc_timeout value '5x'"),
      ("user", "No user specified for misc checker script '</x'"),
      ("misc_path '", "String 'misc_path '': missing terminating '"),
      ("connect_ip 192.0.2.1", "Unknown keyword 'connect_ip'"),
    ])
  func badValue(line: String, message: String) throws {
    let outcome = read(checker("MISC_CHECK", "\(line)\nmisc_path </x"))
    let swapped = read(checker("MISC_CHECK", "misc_path </x\n\(line)"))
    #expect(outcome.lines == [8])
    #expect((outcome.messages + swapped.messages).contains { $0.contains(message) })
    #expect(try Self.misc(outcome).script?.arguments == ["</x"])
  }

  @Test("Without a command there is no check", arguments: ["misc_dynamic", "misc_path"])
  func noCommand(line: String) throws {
    let outcome = read(checker("MISC_CHECK", line))
    #expect(
      outcome.messages == ["No script path has been specified for MISC_CHECKER - skipping"])
    #expect(outcome.lines == [9])
    #expect(try outcome.realServer().checkers == [])
    #expect(
      outcome.hints == [
        "real server [198.51.100.1]:tcp:80 of virtual server [192.0.2.1]:tcp:80"
          + " is served unchecked: its MISC_CHECK was left out"
      ])
  }

  @Test("An account that does not exist ends the block")
  func unknownUser() throws {
    let outcome = read(checker("MISC_CHECK", "misc_path </x\nuser nobody\nbogus"))
    #expect(
      outcome.messages == ["Failed to set uid/gid for misc checker script '</x' - removing"])
    #expect(outcome.lines == [9])
    #expect(try Self.misc(outcome).script == nil)
    #expect(try Self.misc(outcome).command == ["</x"])
    #expect(try !outcome.checker().isAlpha)
    #expect(outcome.hints == [Self.unchecked("</x")])
    // What is not read any more decides all the same whether the server waits for its check.
    let alpha = read(checker("MISC_CHECK", "user nobody\nalpha\nmisc_path </x"))
    #expect(alpha.lines == [8])
    #expect(try alpha.checker().isAlpha)
    #expect(try !read(checker("MISC_CHECK", "user nobody\nalpha no")).checker().isAlpha)
    let standard = read(secure + checker("MISC_CHECK", "misc_path </x"))
    #expect(
      standard.messages == [
        "Unable to set default user keepalived_script for script",
        "Unable to set default user for misc script </x - removing",
      ])
    #expect(try Self.misc(standard).script == nil)
    #expect(standard.hints == [Self.unchecked("</x")])
    let configured = read(
      "global_defs {\nscript_user web\n}\n" + checker("MISC_CHECK", "misc_path </x"))
    #expect(try Self.misc(configured).script?.account == ScriptAccount(user: 1000, group: 1000))
  }

  private static func unchecked(
    _ command: String, _ fate: String = "is served unchecked"
  ) -> String {
    "real server [198.51.100.1]:tcp:80 of virtual server [192.0.2.1]:tcp:80 \(fate):"
      + " misc script '\(command)' cannot run"
  }

  @Test("A hint says which server a script that cannot run leaves out of service")
  func unusableAlpha() throws {
    let missing = read(checker("MISC_CHECK", "misc_path \"/none a\"\nalpha"))
    #expect(missing.testExitStatus == 0)
    #expect(missing.hints == [Self.unchecked("/none a", "stays out of service")])
    #expect(try missing.checker().isAlpha)
  }

  @Test("A script that cannot be used is logged, and its check finds nothing")
  func unusable() throws {
    let missing = read(checker("MISC_CHECK", "misc_path \"/none a\""))
    #expect(missing.testExitStatus == 0)
    #expect(
      missing.diagnostics.map(\.message).contains(
        "Disabling misc script /none a since not found/accessible"))
    #expect(missing.hints == [Self.unchecked("/none a")])
    #expect(try Self.misc(missing).script == nil)
    #expect(try Self.misc(missing).command == ["/none", "a"])
    #expect(try !missing.checker().kind.traits.isTimed)
    let host = Self.host { $0.components[3].mode = 0o777 }
    let insecure = read(
      secure + checker("MISC_CHECK", "misc_path /x\nuser root"), host: host)
    #expect(insecure.testExitStatus == 0)
    #expect(
      insecure.diagnostics.map(\.message).contains("Disabling misc script /x due to insecure"))
    #expect(insecure.hints == [Self.unchecked("/x")])
    #expect(try Self.misc(insecure).script == nil)
    let run = read(checker("MISC_CHECK", "misc_path /x\nuser root"), host: host)
    #expect(run.messages == [violation + " There are insecure scripts."])
    #expect(run.testExitStatus == 6)
    #expect(try run.realServer().checkers.count == 1)
  }

  @Test(
    "All scripts of the checker process are checked",
    arguments: [
      virtualServer("quorum_up /usr/bin/true"), virtualServer("quorum_down /usr/bin/true"),
      realServer("notify_up /usr/bin/true"), realServer("notify_down /usr/bin/true"),
      "global_defs {\nlvs_notify_fifo_script /usr/bin/true\n}\n" + virtualServer(""),
      "global_defs {\nnotify_fifo_script /usr/bin/true\n}\n" + virtualServer(""),
    ])
  func security(text: String) {
    let outcome = read(text)
    #expect(outcome.messages.first == violation)
    #expect(outcome.testExitStatus == 6)
    #expect(read(secure + text).messages.allSatisfy { $0.hasPrefix("Unable to set default user") })
  }

  @Test("Scripts of servers that cannot be used are as if they were not there")
  func missingScripts() throws {
    let outcome = read(
      virtualServer(
        "quorum_up /none\nquorum_down </x nobody",
        server: "real_server 198.51.100.1 {\nnotify_up /none\nnotify_down '\n}"))
    #expect(outcome.lines == [9])
    let server = try outcome.virtualServer()
    #expect(server.quorumUp == nil && server.quorumDown == nil)
    #expect(server.realServers[0].notifyUp == nil && server.realServers[0].notifyDown == nil)
  }

  @Test("One FIFO has one writer")
  func fifos() {
    let outcome = read(
      "global_defs {\nnotify_fifo /f\nlvs_notify_fifo /f\n}\n" + virtualServer(""))
    #expect(outcome.configuration.global.scripts.lvsNotifyFIFO.path == nil)
    #expect(outcome.configuration.global.scripts.notifyFIFO.path == "/f")
    #expect(outcome.testExitStatus == 0)
  }
}

@Suite("BFD_CHECK")
struct BFDCheckTests {
  private static func session(_ name: String, _ lines: String = "") -> String {
    "bfd_instance \(name) {\nneighbor_ip 192.0.2.\(name.utf8.first ?? 1)\n\(lines)\n}\n"
  }

  @Test("A check goes by a session")
  func values() throws {
    let outcome = read(Self.session("b") + checker("BFD_CHECK", "name b\nalpha"))
    #expect(outcome.messages == [])
    #expect(try outcome.checker().kind == .bfd(name: "b"))
    #expect(try outcome.checker().isAlpha)
  }

  @Test(
    "A fault costs the check",
    arguments: [
      ("name", "BFD_CHECK - No or too many names specified - skipping checker"),
      ("name b c", "BFD_CHECK - No or too many names specified - skipping checker"),
      ("name x", "BFD_CHECK - BFD x not configured"),
      ("name v", "BFD_CHECK - BFD v not configured"),
      ("name b\nname c", "BFD_CHECK - BFD c already specified as b"),
      ("alpha", "No name has been specified for BFD_CHECKER - skipping"),
    ])
  func faults(lines: String, message: String) throws {
    let outcome = read(
      checkerBehind(Self.session("b") + Self.session("c") + Self.session("v", "vrrp"), lines))
    #expect(outcome.messages == ["([198.51.100.1]:tcp:80) " + message])
    #expect(try outcome.realServer().checkers == [])
  }

  private func checkerBehind(_ sessions: String, _ lines: String) -> String {
    sessions + checker("BFD_CHECK", lines)
  }

  @Test("What else is in the block is still looked at")
  func rest() {
    let outcome = read(Self.session("b") + checker("BFD_CHECK", "name x\nname b\nretry 5\nalpha x"))
    #expect(
      outcome.messages == [
        "([198.51.100.1]:tcp:80) BFD_CHECK - BFD x not configured", "Unknown keyword 'retry'",
        "Invalid alpha parameter x",
      ])
    #expect(outcome.lines == [12, 14, 15])
  }

  @Test("A session counts once for a real server, and must stand above it")
  func places() throws {
    let twice = read(
      Self.session("b") + realServer("BFD_CHECK {\nname b\n}\nBFD_CHECK {\nname b\n}"))
    #expect(
      twice.messages == ["([198.51.100.1]:tcp:80) BFD_CHECK - RS already monitoring b"])
    #expect(try twice.realServer().checkers.count == 1)
    let below = read(checker("BFD_CHECK", "name b") + Self.session("b"))
    #expect(below.messages == ["([198.51.100.1]:tcp:80) BFD_CHECK - BFD b not configured"])
  }
}

@Suite("FILE_CHECK")
struct FileCheckTests {
  private static let file = "track_file f {\nfile /tmp/f\nweight 5 reverse\n}\n"

  private static func check(_ lines: String) throws -> FileCheck {
    let outcome = read(file + checker("FILE_CHECK", lines))
    guard case .file(let check) = try outcome.checker().kind else {
      throw Unexpected(checker: try outcome.checker())
    }
    #expect(outcome.configuration.lvs.trackFiles.map(\.name) == ["f"])
    return check
  }

  @Test("The weight is the file's, or its own")
  func weights() throws {
    func check(_ weight: Int32, _ isReversed: Bool) -> FileCheck {
      FileCheck(trackFile: "f", weight: weight, isReversed: isReversed)
    }
    #expect(try Self.check("track_file f") == check(5, true))
    #expect(try Self.check("weight -2147483647\ntrack_file f") == check(-.max, false))
    #expect(try Self.check("track_file f\nweight 0 reverse") == check(0, true))
    #expect(try Self.check("track_file f\nweight 7 noreverse\nweight 8 x") == check(7, false))
  }

  @Test(
    "A bad value is reported on its line",
    arguments: [
      ("weight", "track file weight missing"),
      (
        "weight 2147483648", "weight for track file must be in [-2147483647..2147483647] inclusive."
      ),
      ("weight -2147483648", "weight for track file must be in"),
      ("weight x", "weight for track file must be in"),
      ("weight 5 up", "unknown track file weight option up - ignoring"),
      ("track_file g", "track_file g not found"),
      ("dynamic", "Unknown keyword 'dynamic'"), ("alpha", "Unknown keyword 'alpha'"),
      ("retry 5", "Unknown keyword 'retry'"),
    ])
  func badValue(line: String, message: String) throws {
    let outcome = read(Self.file + checker("FILE_CHECK", "track_file f\n\(line)"))
    #expect(outcome.lines == [13])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(try outcome.realServer().checkers.count == 1)
  }

  @Test("A check needs a file, which must stand above it")
  func noFile() throws {
    let outcome = read(checker("FILE_CHECK", "track_file f") + Self.file)
    #expect(
      outcome.messages == [
        "track_file f not found", "FILE_CHECK has no track_file specified - ignoring",
      ])
    #expect(outcome.lines == [8, 9])
    #expect(try outcome.realServer().checkers == [])
    #expect(outcome.configuration.lvs.trackFiles == [])
  }

  @Test("It is never alpha")
  func alpha() throws {
    let outcome = read(Self.file + realServer("alpha\nFILE_CHECK {\ntrack_file f\n}"))
    #expect(try !outcome.checker().isAlpha)
  }

  @Test("What is wrong with a file is told once, and the old keyword works")
  func shared() {
    let outcome = read(
      "vrrp_track_file f {\nfile /tmp/f\nweight 300\n}\n" + checker("FILE_CHECK", "track_file f"))
    #expect(outcome.lines == [3])
    #expect(outcome.messages.count == 2)
    #expect(outcome.configuration.lvs.trackFiles.count == 1)
    #expect(outcome.configuration.vrrp.trackFiles == [])
  }
}
