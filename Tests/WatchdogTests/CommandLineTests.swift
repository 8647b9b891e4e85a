import ConfigurationSyntax
import Logging
import ProcessFrame
import Testing

@testable import Watchdog

@Suite("Command line")
struct CommandLineTests {
  /// What came of arguments, and what was said.
  struct Outcome {
    var request: CommandLine.Request
    var complaints: [String] = []
    var mentions: [String] = []

    init(_ arguments: String) {
      self.init(words: arguments.split(separator: " ").map(String.init))
    }

    init(words: [String]) {
      var complaints: [String] = []
      var mentions: [String] = []
      request = CommandLine.parse(
        ["keepalived"] + words, complain: { complaints.append($0) },
        mention: { mentions.append($0) })
      self.complaints = complaints
      self.mentions = mentions
    }

    var line: CommandLine? {
      if case .run(let line) = request { line } else { nil }
    }

    var isRefused: Bool {
      if case .refuse = request { true } else { false }
    }

    var answer: CommandLine.Answer? {
      if case .answer(let answer) = request { answer } else { nil }
    }
  }

  @Test("Without arguments everything is as it is by default")
  func defaults() throws {
    let line = try #require(Outcome("").line)
    #expect(line.configurationFile == "/etc/keepalived/keepalived.conf")
    #expect(line.runsVRRP && line.runsChecker && line.runsBFD && !line.startsAll)
    #expect(!line.staysInForeground && line.respawns)
    #expect(line.log.toSyslog && !line.log.toConsole && !line.log.isSilent)
    #expect(line.log.detail == 0 && line.log.facility == Log.Facility.daemon)
    #expect(line.umask == nil && line.configID == nil && line.netNamespace == nil)
  }

  @Test("The log has the command line in lines of 100 columns, words whole")
  func logged() {
    #expect(Startup.commandLine(["keepalived", "-n"]) == ["Command line: 'keepalived' '-n'"])
    let long = String(repeating: "x", count: 120)
    let words = ["k"] + Array(repeating: "a", count: 30) + [long, "b"]
    let lines = Startup.commandLine(words)
    #expect(lines.map(\.utf8.count) == [97, 53, 136, 17])
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("              '") })
    #expect(lines.joined(separator: " ").split(separator: " ").count == 2 + words.count)
    #expect(Startup.commandLine([long]) == ["Command line: '\(long)'"])
  }

  @Test("Names of pid files mean what they meant where the daemon was started")
  func anchored() throws {
    let line = try #require(Outcome("-p a.pid -r d/b.pid -c /c.pid").line).anchored(in: "/home/x")
    #expect(line.pidFile == "/home/x/a.pid")
    #expect(line.vrrpPidFile == "/home/x/d/b.pid")
    #expect(line.checkersPidFile == "/c.pid")
    #expect(line.bfdPidFile == nil)
    #expect(line.workingDirectory == "/home/x")
    #expect(try #require(Outcome("-p a.pid").line).anchored(in: "/").pidFile == "/a.pid")
  }

  @Test(
    "An argument stands behind its option, attached or in the next word",
    arguments: [
      "-f /a", "-f/a", "--use-file /a", "--use-file=/a", "--use /a", "--use=/a", "-nf /a", "-nf/a",
      "x -f /a", "-f /b -f /a",
    ])
  func arguments(text: String) throws {
    #expect(try #require(Outcome(text).line).configurationFile == "/a")
  }

  @Test(
    "An optional argument stands attached or not at all",
    arguments: [
      ("-t", nil, ""), ("-t/log", "/log", ""), ("--config-test", nil, ""),
      ("--config-test=/log", "/log", ""), ("--config-test=", nil, ""),
      ("-t /log", nil, "Unexpected argument(s): /log "),
      ("--config-test /log", nil, "Unexpected argument(s): /log "),
    ] as [(String, String?, String)])
  func optional(text: String, file: String?, mention: String) throws {
    let outcome = Outcome(text)
    switch try #require(outcome.line).configurationTest {
    case .no: Issue.record("no test")
    case .toStandardError: #expect(file == nil)
    case .toFile(let path): #expect(path == file)
    }
    #expect(outcome.mentions == (mention.isEmpty ? [] : [mention]))
  }

  @Test(
    "What is wrong is said, and the rest is read on",
    arguments: [
      ("-Z", ["Unknown option -Z"]),
      ("--nothing", ["Unknown option --nothing"]),
      ("-nZQ", ["Unknown option -Z", "Unknown option -Q"]),
      ("-f", ["Missing parameter for option -f"]),
      ("--use-file", ["Missing parameter for option --use-file"]),
      ("--use-file=", ["Missing parameter for option --use-file"]),
      ("--signum", ["Missing parameter for option --signum"]),
      // Several begin so: --config-test, --config-id, --config-fd.
      ("--config", ["Unknown option --config"]),
      ("--dont-fork=yes", ["Unknown option --dont-fork=yes"]),
      (
        "-Z --nothing -f",
        ["Unknown option -Z", "Unknown option --nothing", "Missing parameter for option -f"]
      ),
    ])
  func wrong(text: String, complaints: [String]) {
    let outcome = Outcome(text)
    #expect(outcome.isRefused)
    #expect(outcome.complaints == complaints)
  }

  @Test("A name that is the beginning of another is no abbreviation")
  func exact() throws {
    // --vrrp and --vrrp_pid, --pid and nothing else.
    #expect(try !#require(Outcome("--vrrp").line).runsChecker)
    #expect(try #require(Outcome("--vrrp_ /a").line).vrrpPidFile == "/a")
    #expect(Outcome("--vrr").isRefused)
  }

  @Test("Behind -- are only words")
  func end() throws {
    let outcome = Outcome("-n -- -f /a")
    #expect(try #require(outcome.line).staysInForeground)
    #expect(outcome.line?.configurationFile == CommandLine.standardConfigurationFile)
    #expect(outcome.mentions == ["Unexpected argument(s): -f /a "])
  }

  @Test("A single - is a word, and words may stand anywhere")
  func words() throws {
    let outcome = Outcome("a - -n b")
    #expect(try #require(outcome.line).staysInForeground)
    #expect(outcome.mentions == ["Unexpected argument(s): a - b "])
  }

  @Test("-t stays in the foreground, starts nothing again, and logs nothing")
  func configurationTest() throws {
    let line = try #require(Outcome("-t").line)
    #expect(line.staysInForeground && !line.respawns)
    #expect(line.log.isSilent && !line.log.toSyslog)
  }

  @Test(
    "-S takes names and numbers",
    arguments: [
      ("daemon", 3), ("user", 1), ("local0", 16), ("local7", 23), ("0", 16), ("7", 23),
    ])
  func facility(name: String, number: Int32) throws {
    #expect(try #require(Outcome("-S \(name)").line).log.facility == number << 3)
    #expect(try #require(Outcome("--log-facility=\(name)").line).log.facility == number << 3)
  }

  @Test(
    "-t counts a facility that is no number",
    arguments: [
      ("7", []), ("+3", []), ("8", ["number '8' outside range [0, 7]"]),
      ("local3", ["invalid number 'local3'"]), ("user", ["invalid number 'user'"]),
      ("local9", ["invalid number 'local9'", "number '9' outside range [0, 7]"]),
    ])
  func facilityFaults(name: String, messages: [String]) throws {
    #expect(try #require(Outcome("-S \(name)").line).faults.map(\.message) == messages)
  }

  @Test(
    "A facility that is not known is said and ignored", arguments: ["8", "local8", "mail", "-1"])
  func unknownFacility(name: String) throws {
    let outcome = Outcome(words: ["-S", name])
    #expect(outcome.complaints == ["Invalid log facility '\(name)'"])
    #expect(try #require(outcome.line).log.facility == Log.Facility.daemon)
  }

  @Test(
    "-u takes numbers as C writes them",
    arguments: [
      ("022", 0o22), ("18", 18), ("0x1ff", 0o777), ("0", 0), ("0777", 0o777),
    ] as [(String, UInt16)])
  func umask(text: String, mask: UInt16) throws {
    #expect(try #require(Outcome("-u \(text)").line).umask == mask)
  }

  @Test(
    "A mask that cannot be is said and ignored",
    arguments: ["01000", "x", "089", "0x", "-1", "99999999"])
  func invalidUmask(text: String) throws {
    let outcome = Outcome(words: ["-u", text])
    #expect(outcome.complaints == ["Invalid --umask option \(text)"])
    #expect(try #require(outcome.line).umask == nil)
  }

  @Test(
    "Behind -T stands the command line of genhash",
    arguments: [
      ("-T -s ::1 --bogus", nil), ("--genhash -s ::1 --bogus", nil), ("-D -T -s ::1 --bogus", "-T"),
      ("-D --genhash -s ::1 --bogus", "genhash"),
    ])
  func genhash(text: String, late: String?) throws {
    let outcome = Outcome(text)
    guard case .genhash(let words) = outcome.answer else {
      Issue.record("no answer of genhash")
      return
    }
    #expect(words == ["keepalived --genhash", "-s", "::1", "--bogus"])
    let warning = late.map {
      "Warning -- `\($0)` not used as first option, previous options ignored"
    }
    #expect(outcome.complaints == [warning].compactMap { $0 })
  }

  @Test("-M implies -m and has a pattern of its own")
  func corePattern() throws {
    let plain = try #require(Outcome("-M").line)
    #expect(plain.dumpsCore && plain.corePattern == "core")
    #expect(try #require(Outcome("-M/tmp/core.%p").line).corePattern == "/tmp/core.%p")
    let other = try #require(Outcome("-m").line)
    #expect(other.dumpsCore && other.corePattern == nil)
  }

  @Test("--all enables what stood before it, and later options disable again")
  func all() throws {
    let before = try #require(Outcome("-P -C -B --all").line)
    #expect(before.runsVRRP && before.runsChecker && before.runsBFD && before.startsAll)
    let after = try #require(Outcome("--all -P -B").line)
    #expect(after.runsVRRP && !after.runsChecker && !after.runsBFD && after.startsAll)
  }

  @Test("The console is logged to by those who stay there only")
  func console() throws {
    #expect(try !#require(Outcome("-l").line).log.toConsole)
    #expect(try #require(Outcome("-nl").line).log.toConsole)
  }

  @Test("-D counts")
  func detail() throws {
    #expect(try #require(Outcome("-DD --log-detail").line).log.detail == 3)
  }

  @Test("Each option with a file has one of its own")
  func pidFiles() throws {
    let line = try #require(Outcome("-p /p -r /r -c /c -b /b").line)
    #expect(
      [line.pidFile, line.vrrpPidFile, line.checkersPidFile, line.bfdPidFile]
        == ["/p", "/r", "/c", "/b"])
  }

  @Test("An answer is given where it stands, whatever is wrong before or behind it")
  func answers() {
    let help = Outcome("-Z -h --nothing")
    guard case .help = help.answer else {
      Issue.record("no help")
      return
    }
    #expect(help.complaints == ["Unknown option -Z"])
    guard case .version = Outcome("-nv -f").answer,
      case .signal("STOP") = Outcome("--signum=STOP").answer,
      case .signal("x") = Outcome("--sig x").answer
    else {
      Issue.record("another answer")
      return
    }
  }

  @Test("-R, -X, -V, -d and --ignore-sigint reach those who need them")
  func flags() throws {
    let line = try #require(Outcome("-RXVdexa --ignore-sigint -G -s blue -i ID -A tcp:1").line)
    #expect(!line.respawns && line.allConfig && line.snmp && !line.log.toSyslog)
    #expect(line.child.alwaysReleasesAddresses && line.child.keepsAddressesAtStop)
    #expect(line.child.dumpsConfiguration && line.child.ignoresInterrupt && line.ignoresInterrupt)
    #expect(line.netNamespace == "blue" && line.configID == "ID" && line.snmpSocket == "tcp:1")
  }

  @Test("No two options have the same letter or name")
  func unique() {
    let letters = Option.all.compactMap(\.short)
    #expect(Set(letters).count == letters.count)
    #expect(Set(Option.all.map(\.long)).count == Option.all.count)
  }
}

@Suite("Help")
struct UsageTests {
  @Test("Each option stands in the help, but the internal one")
  func options() {
    let lines = Usage.text(program: "keepalived").split(separator: "\n")
    #expect(lines.first == "Usage: keepalived [OPTION...]")
    for option in Option.all {
      let mentions = lines.filter { line in
        line.split(whereSeparator: { " =[,".contains($0) }).contains("--\(option.long)")
      }
      #expect(mentions.count == (option.long == "config-fd" ? 0 : 1), "--\(option.long)")
      if let short = option.short {
        #expect(mentions.allSatisfy { $0.hasPrefix("  -\(short), ") })
      }
      #expect(mentions.allSatisfy { $0.hasSuffix(option.help) })
    }
  }

  @Test("Every signal of --signum has a number of its own")
  func signals() {
    let numbers = Watchdog.signalNumbers
    #expect(
      numbers == ["STOP": 15, "RELOAD": 1, "DATA": 10, "STATS": 12, "STATS_CLEAR": 63, "JSON": 36])
  }
}
