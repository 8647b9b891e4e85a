import Configuration
import ConfigurationSyntax
import Testing

@Suite("Scripts and their security")
struct ScriptTests {
  private static let violation =
    "SECURITY VIOLATION - scripts are being executed but script_security not enabled."

  private static func track(_ command: String, user: String = "root") -> String {
    "vrrp_script s {\nscript \"\(command)\"\nuser \(user)\n}\n" + instance("track_script { s }")
  }

  private static func secure(_ text: String) -> String {
    "global_defs {\nenable_script_security\n}\n" + text
  }

  private static func host(_ path: String, _ change: (inout HostScript) -> Void) -> FakeHost {
    let host = FakeHost()
    var script = host.programs["/usr/bin/true"] ?? HostScript(realPath: path)
    script.realPath = path
    change(&script)
    host.programs[path] = script
    return host
  }

  @Test("Scripts run without script security: exit status 6")
  func violation() {
    let outcome = read(Self.track("/usr/bin/true"))
    #expect(outcome.messages == [Self.violation])
    #expect(outcome.testExitStatus == 6)
    #expect(outcome.refusals.isEmpty)
    #expect(read(Self.secure(Self.track("/usr/bin/true"))).testExitStatus == 0)
  }

  @Test("A test that a file opens is no script")
  func fileTest() {
    #expect(read(Self.track("</tmp/x")).testExitStatus == 0)
  }

  @Test("A bare name is searched for")
  func pathSearch() throws {
    let found = read(Self.secure(Self.track("true")))
    #expect(found.messages == [])
    #expect(found.configuration.vrrp.scripts.first?.script.arguments == ["/usr/bin/true"])
    let missing = read(Self.secure(Self.track("false")))
    #expect(missing.messages == ["Disabling track script s since not found/accessible"])
    #expect(missing.configuration.vrrp.instances.first?.trackScripts == [])
  }

  @Test("Who may execute it")
  func executable() {
    let host = Self.host("/x") { $0.file.mode = 0o640 }
    let refused = read(Self.secure(Self.track("/x")), host: host)
    #expect(refused.messages == [])
    #expect(
      refused.remarks == ["WARNING - script '/x' is not executable for uid:gid 0:0 - disabling."])
    #expect(refused.configuration.vrrp.instances.first?.trackScripts == [])
    let group = Self.host("/x") {
      $0.file.mode = 0o710
      $0.file.group = 1000
    }
    #expect(read(Self.secure(Self.track("/x", user: "web")), host: group).messages == [])
  }

  @Test("A directory that is a link disables a script of root")
  func linkedDirectory() {
    let host = Self.host("/bin/x") { $0.components[1] = HostScript.Component(.link) }
    let outcome = read(Self.track("/bin/x"), host: host)
    #expect(
      outcome.messages == ["Disabling track script s due to insecure", Self.violation])
    #expect(outcome.testExitStatus == 6)
    let other = read(Self.secure(Self.track("/bin/x", user: "web")), host: host)
    #expect(other.messages == [])
  }

  @Test("What others can change is run as root only without script security")
  func changeable() {
    let host = Self.host("/x") { $0.components[3].mode = 0o777 }
    let outcome = read(Self.track("/x"), host: host)
    #expect(outcome.messages == [Self.violation + " There are insecure scripts."])
    #expect(outcome.configuration.vrrp.scripts.count == 1)
    let secure = read(Self.secure(Self.track("/x")), host: host)
    #expect(secure.messages == ["Disabling track script s due to insecure"])
    let sticky = Self.host("/x") { $0.components[1].mode = 0o1777 }
    #expect(read(Self.secure(Self.track("/x")), host: sticky).messages == [])
    let owned = Self.host("/x") { $0.components[2].owner = 1000 }
    #expect(read(Self.secure(Self.track("/x")), host: owned).testExitStatus == 5)
  }

  @Test("Without a shebang the shell runs it; links may be kept")
  func forms() throws {
    let host = Self.host("/x") {
      $0.isProgram = false
      $0.realPath = "/real/x"
    }
    let plain = read(Self.secure(Self.track("/x a 'b c'")), host: host)
    let script = try #require(plain.configuration.vrrp.scripts.first?.script)
    #expect(script.form == .shell)
    #expect(script.path == "/real/x")
    #expect(script.arguments == ["/x", "a", "b c"])
    let kept = read("global_defs {\nuse_symlink_paths\n}\n" + Self.track("/x"), host: host)
    #expect(kept.configuration.vrrp.scripts.first?.script.path == "/x")
  }

  @Test("Who scripts run as")
  func accounts() throws {
    let host = FakeHost()
    host.users["keepalived_script"] = (500, 500)
    let text = instance("notify /usr/bin/true\nnotify_fault /usr/bin/true web adm")
    let outcome = read(Self.secure(text), host: host)
    let notify = try #require(outcome.configuration.vrrp.instances.first?.notify)
    #expect(notify.any?.account == ScriptAccount(user: 500, group: 500))
    #expect(notify.fault?.account == ScriptAccount(user: 1000, group: 4))
    let global = read("global_defs {\nscript_user web :\nenable_script_security\n}\n" + text)
    #expect(
      global.configuration.vrrp.instances.first?.notify.any?.account
        == ScriptAccount(user: 1000, group: 1000, supplementaryGroups: [27]))
  }

  @Test("With script security there must be a user for scripts")
  func noStandardUser() {
    let text =
      "vrrp_script s {\nscript /usr/bin/true\n}\nvrrp_script t {\nscript /usr/bin/true\n}\n"
    let outcome = read(Self.secure(text))
    #expect(
      outcome.messages == [
        "Unable to set default user keepalived_script for script",
        "Unable to set default user for vrrp script s - removing",
        "Unable to set default user for vrrp script t - removing",
      ])
    #expect(outcome.lines == [6, 9])
  }

  @Test("A notify script that cannot be used is as if it were not there")
  func missingNotify() {
    let outcome = read(instance("notify /none\nnotify_stop /usr/bin/true nobody"))
    #expect(outcome.testExitStatus == 0)
    #expect(outcome.configuration.vrrp.instances.first?.notify == NotifyScripts())
  }

  @Test("The second script of a kind does not count")
  func second() {
    let outcome = read(
      instance("notify_master </a\nnotify_master </b\nnotify_deleted\nnotify_deleted"))
    #expect(outcome.lines == [6, 8])
    let instance = outcome.configuration.vrrp.instances.first
    #expect(instance?.notify.master?.arguments == ["</a"])
    #expect(instance?.notifyDeleted == true)
  }

  @Test("The parent's own scripts")
  func parentScripts() {
    let outcome = read("global_defs {\nstartup_script /usr/bin/true\nshutdown_script /none\n}\n")
    #expect(
      outcome.messages == [
        "SECURITY VIOLATION - start/shutdown scripts are being executed but script_security not"
          + " enabled."
      ])
    #expect(outcome.configuration.global.scripts.startupScript?.path == "/usr/bin/true")
    #expect(outcome.configuration.global.scripts.shutdownScript == nil)
  }
}
