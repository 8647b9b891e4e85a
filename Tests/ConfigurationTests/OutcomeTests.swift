import Configuration
import ConfigurationSyntax
import Primitives
import Testing

@Suite("What comes of a reading")
struct OutcomeTests {
  @Test(
    "Which processes the text asks for",
    arguments: [
      ("", [false, false, false]),
      ("vrrp_script s {\nscript </x\n}\n", [false, false, false]),
      ("static_routes {\n}\n", [true, false, false]),
      ("virtual_server 192.0.2.1 80 {\nanything\n}\n", [false, true, false]),
      ("virtual_server_group G {\n192.0.2.1 80\n}\n", [false, false, false]),
      ("bfd_instance b {\n}\n", [false, false, true]),
    ])
  func presence(text: String, expected: [Bool]) {
    let presence = read(text).configuration.presence
    #expect([presence.vrrp, presence.checker, presence.bfd] == expected)
  }

  @Test("An error outside of all blocks is told once, with the file")
  func rootError() throws {
    let outcome = read("vvrp_script s {\n}\n")
    #expect(outcome.messages.filter { $0 == "Unknown keyword 'vvrp_script'" }.count == 1)
    let first = try #require(outcome.diagnostics.first)
    #expect(first.location?.file != nil)
    #expect(first.expected == "did you mean 'vrrp_script'?")
    #expect(outcome.testExitStatus == 5)
  }

  @Test("A missing parameter ends everything, and the first counts")
  func missingParameter() {
    let outcome = read(instance("priority") + instance("interface", name: "W"))
    #expect(outcome.testExitStatus == 2)
    #expect(outcome.refusals.map(\.exitStatus) == [2])
    #expect(
      outcome.messages == [
        "*** Configuration line starting `priority` is missing a parameter after keyword"
          + " `priority` at word position 2"
      ])
  }

  @Test("A network namespace that does not exist: nothing else is read")
  func missingNamespace() {
    let outcome = read("net_namespace green\n" + instance("bogus"))
    #expect(outcome.testExitStatus == 0)
    #expect(outcome.lines == [])
    #expect(outcome.refusals == [Refusal(.parent, .missingNamespace)])
    #expect(outcome.startExitStatus == 0)
  }

  @Test("The command line wins")
  func overrides() {
    var options = ReadingOptions(path: "keepalived.conf", strictness: .run)
    options.overrides.netNamespace = "blue"
    options.overrides.umask = 0o22
    options.overrides.snmp = true
    options.overrides.snmpSocket = "tcp:705"
    let text = "net_namespace green\nglobal_defs {\numask 0\nsnmp_socket x\n}\n"
    let outcome = Configuration.read(
      files: MemoryFiles(text: text), host: FakeHost(), options: options)
    #expect(outcome.configuration.global.netNamespace == "blue")
    #expect(outcome.configuration.global.umask == 0o22)
    #expect(outcome.configuration.global.snmp.socket == "tcp:705")
    #expect(outcome.configuration.global.snmp.enableRFCv3)
    #expect(outcome.lines == [4])
  }

  @Test("A running daemon takes a number with trailing garbage, -t does not")
  func strictness() {
    let text = instance("garp_master_delay 7x")
    #expect(read(text).configuration.vrrp.instances.first?.garp.masterDelay == .seconds(5))
    let outcome = read(text, strictness: .run)
    #expect(outcome.configuration.vrrp.instances.first?.garp.masterDelay == .seconds(7))
    #expect(outcome.lines == [5])
  }

  @Test("A daemon with a fault in what only one process reads runs the others")
  func faultOfOneProcess() {
    let text = "virtual_server_group g {\nfwmark\n}\n" + instance("")
    #expect(read(text).testExitStatus == 2)
    #expect(read(text).configuration.vrrp.instances.isEmpty)
    let outcome = read(text, strictness: .run)
    #expect(outcome.refusals == [Refusal(.checker, .missingParameter)])
    #expect(outcome.configuration.vrrp.instances.map(\.name) == ["V"])
  }

  @Test("What is wrong with a number on the command line counts")
  func commandLine() {
    var options = ReadingOptions(path: "keepalived.conf", strictness: .test)
    options.faults = [Diagnostic(.invalidNumber, "invalid number 'x'")]
    let outcome = Configuration.read(
      files: MemoryFiles(text: instance("")), host: FakeHost(), options: options)
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.messages == ["invalid number 'x'"])
  }

  @Test("A file that does not exist")
  func missingFile() {
    let options = ReadingOptions(path: "/none", strictness: .test)
    let outcome = Configuration.read(files: MemoryFiles(), host: FakeHost(), options: options)
    #expect(outcome.testExitStatus == 0)
    #expect(outcome.refusals == [Refusal(.parent, .include)])
    #expect(outcome.startExitStatus == 6)
  }

  @Test("Reading the same text twice gives the same tree")
  func determinism() {
    let text = TrackingTests.script + TrackingTests.files + instance("track_script { s }")
    #expect(read(text).configuration.vrrp == read(text).configuration.vrrp)
    #expect(read(text).configuration.global == read(text).configuration.global)
  }
}
