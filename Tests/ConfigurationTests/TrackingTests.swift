import Configuration
import ConfigurationSyntax
import Primitives
import Testing

@Suite("Trackers, groups and interfaces")
struct TrackingTests {
  static let script = "vrrp_script s {\nscript \"</tmp/x\"\nweight 5\n}\n"
  static let files = "track_file f {\nfile /tmp/f\n}\ntrack_file g {\nfile /tmp/g\nweight 5\n}\n"

  @Test(
    "Faults of vrrp_script, on line 3",
    arguments: [
      ("interval x", "(s): vrrp script interval 'x' must be between 1 and 4294 - ignoring"),
      ("interval 0", "(s): vrrp script interval must be greater than 0, setting to 1"),
      ("timeout 5000", "(s): vrrp script timeout '5000' must be between 1 and 4294 - ignoring"),
      ("weight 254", "vrrp_script s weight 254 must be in [-253, 253]"),
      ("weight 5 back", "vrrp_script s unknown weight option back"),
      ("rise 0", "(s): vrrp script rise value '0' invalid, defaulting to 1"),
      ("fall x", "(s): vrrp script fall value 'x' invalid, defaulting to 1"),
    ])
  func badScript(line: String, message: String) {
    let outcome = read(
      "vrrp_script s {\nscript \"</tmp/x\"\n\(line)\n}\n" + instance("track_script { s }"))
    #expect(outcome.lines == [3])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.configuration.vrrp.scripts.count == 1)
  }

  @Test("Values of vrrp_script")
  func scripts() throws {
    let outcome = read(
      """
      vrrp_script s {
        script "</tmp/x"
        interval 2.5
        weight -20 reverse
        rise 2
        fall 3
        init_fail
        user web
      }

      """ + instance("track_script {\ns weight 10 noreverse\n}"))
    #expect(outcome.messages == [])
    let script = try #require(outcome.configuration.vrrp.scripts.first)
    #expect(script.interval == .milliseconds(2500))
    #expect(script.timeout == .milliseconds(2500))
    #expect(script.weight == -20)
    #expect(script.isReversed)
    #expect(script.script.form == .fileTest)
    #expect(script.script.account == ScriptAccount(user: 1000, group: 1000))
    #expect(
      outcome.configuration.vrrp.instances.first?.trackScripts == [Tracker(name: "s", weight: 10)])
  }

  @Test("Scripts that cannot be used are removed at the end of their block")
  func unusableScripts() {
    let none = read("vrrp_script s {\ninterval 5\n}\n" + instance(""))
    #expect(none.messages == ["No script set for vrrp_script s - removing"])
    #expect(none.lines == [3])
    let user = read(
      "vrrp_script s {\nscript /usr/bin/true\nuser nobody\n}\n" + instance("track_script { s }"))
    #expect(user.lines == [3, 9])
    #expect(user.configuration.vrrp.instances.first?.trackScripts == [])
  }

  @Test(
    "A weight out of range is cut down", arguments: [("-254", -253), ("300", 253), ("x", 0)])
  func scriptWeight(word: String, weight: Int16) {
    let text = "vrrp_script s {\nscript \"</tmp/x\"\nweight \(word)\n}\n"
    let outcome = read(text + instance("track_script { s }"))
    #expect(outcome.lines == [3])
    #expect(outcome.configuration.vrrp.scripts.first?.weight == weight)
  }

  @Test("A script that nobody tracks is dropped")
  func unusedScript() {
    let outcome = read(Self.script + instance(""))
    #expect(outcome.messages == [])
    #expect(outcome.remarks == ["Warning - script s is not used"])
    #expect(outcome.configuration.vrrp.scripts.isEmpty)
  }

  @Test(
    "Faults of track_file",
    arguments: [
      ("file /tmp/f\nfile /tmp/g", "File already set for track file f - ignoring /tmp/g", 3),
      ("file /tmp/f\nweight 300", "must be between [-254..254] inclusive. Ignoring...", 3),
      ("file /tmp/f\nweight 5\nweight 6", "Weight already set for track file f - ignoring 6", 4),
      ("file /tmp/f\ninit_file 300", "init value 300 is outside sensible range", 3),
      ("file /tmp/f\ninit_file often", "Unknown track file init option often", 3),
      ("weight 5", "No file set for track_file f - ignoring", 3),
      ("file /none/f", "realpath() error 2 (No such file or directory) for /none/f", 3),
      ("file /proc/f", "The filesystem of /proc/f is read only or cannot be monitored", 3),
      ("file /tmp/fifo\ninit_file overwrite", "it is not a regular file", 4),
    ])
  func badFile(lines: String, message: String, line: Int) {
    let outcome = read("track_file f {\n\(lines)\n}\n")
    #expect(outcome.lines == [line])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
  }

  @Test("Values of track_file, also under its old name")
  func files() throws {
    let outcome = read(
      "vrrp_track_file f {\nfile /tmp/f\nweight -2 reverse\ninit_file 7 overwrite\n}\n"
        + instance("track_file { f }"))
    #expect(outcome.messages == [])
    let file = try #require(outcome.configuration.vrrp.trackFiles.first)
    #expect(file.weight == -2)
    #expect(file.initFile?.value == 7)
    #expect(file.initFile?.overwrite == true)
    #expect(
      outcome.configuration.vrrp.instances.first?.trackFiles
        == [Tracker(name: "f", weight: -2, isReversed: true)])
  }

  @Test(
    "Faults of vrrp_track_process, on line 3",
    arguments: [
      ("process b", "Process already set for track process p - ignoring b"),
      ("param_match some", "Invalid param_match type some - ignoring"),
      ("weight 255", "Weight (255) for vrrp_track_process p must be between [-254..254]"),
      ("quorum 0", "Quorum (0) for vrrp_track_process p must be between [1..65535]"),
      ("quorum_max 65536", "quorum_max (65536) for vrrp_track_process p"),
      ("delay 0", "delay (0) for vrrp_track_process p must be between [0.000001..3600]"),
    ])
  func badProcess(line: String, message: String) {
    let outcome = read("vrrp_track_process p {\nprocess a\n\(line)\n}\n")
    #expect(outcome.lines == [3])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
  }

  @Test("Values of vrrp_track_process")
  func processes() throws {
    let outcome = read(
      "vrrp_track_process p {\nprocess a b c\nquorum_max 0\ndelay 1.5\nfork_delay 2\n}\n")
    let process = try #require(outcome.configuration.vrrp.trackProcesses.first)
    #expect(process.parameters == ["b", "c"])
    #expect(process.paramMatch == .exact)
    #expect(process.fullCommand)
    #expect(process.quorum == 0)
    #expect(process.quorumMax == 0)
    #expect(process.terminateDelay == .milliseconds(1500))
    #expect(process.forkDelay == .seconds(2))
    let host = FakeHost()
    host.hasProcessEvents = false
    #expect(read("vrrp_track_process p {\nprocess a\n}\n", host: host).lines == [3])
  }

  @Test("BFD sessions lend their weight")
  func bfd() {
    let outcome = read(
      "bfd_instance b {\nneighbor_ip 192.0.2.1\nweight 9 reverse\nvrrp\n}\n"
        + instance("track_bfd { b }"))
    #expect(outcome.messages == [])
    #expect(outcome.hints == [])
    #expect(outcome.configuration.presence.bfd)
    #expect(outcome.configuration.vrrp.bfdInstances.first?.checker == false)
    #expect(
      outcome.configuration.vrrp.instances.first?.trackBFDs
        == [Tracker(name: "b", weight: 9, isReversed: true)])
  }

  @Test("Weights of members do not count in a group, or for an owner")
  func weights() {
    let trackers = """
      track_interface { eth1 weight 5 }
      track_script { s }
      track_file {
      f
      g
      }
      """
    let group = "vrrp_sync_group G {\ngroup { V W }\n}\n"
    let other = instance("", name: "W", id: 6, address: "192.0.2.8")
    let inGroup = read(Self.script + Self.files + group + instance(trackers) + other)
    #expect(
      inGroup.messages == [
        "(V) ignoring eth1 tracked interface weight due to SYNC group",
        "(V) ignoring tracked script s with weights due to SYNC group",
        "(V) ignoring weight from tracked file f due to SYNC group. specify weight 0",
        "(V) ignoring tracked file g with weight 5 due to SYNC group",
      ])
    let member = inGroup.configuration.vrrp.instances.first
    // As keepalived 2.4.3: it says so, and counts the weight all the same.
    #expect(member?.trackInterfaces == [Tracker(name: "eth1", weight: 5)])
    #expect(member?.trackFiles == [Tracker(name: "f")])
    let owner = read(Self.script + Self.files + instance("priority 255\n" + trackers))
    #expect(owner.messages.first == "(V) ignoring eth1 tracked interface due to address owner")
    #expect(owner.configuration.vrrp.instances.first?.trackInterfaces == [])
    let weighted = read(
      Self.script + Self.files
        + "vrrp_sync_group G {\ngroup { V W }\nsync_group_tracking_weight\n}\n" + instance(trackers)
        + other)
    #expect(weighted.messages == [])
  }

  @Test("Members of groups")
  func groups() throws {
    let outcome = read(
      """
      vrrp_sync_group G {
      group { V X W }
      }
      vrrp_sync_group H {
      group { V }
      }
      vrrp_sync_group I {
      }
      vrrp_sync_group G {
      bogus
      }
      vrrp_sync_group {
      bogus
      }

      """ + instance("state MASTER\npriority 200")
        + instance("", name: "W", id: 6, address: "192.0.2.8"))
    #expect(outcome.lines == [8, 9, 12])
    #expect(
      outcome.messages.suffix(3) == [
        "Virtual router X specified in sync group G doesn't exist - ignoring",
        "Virtual router V cannot exist in more than one sync group; ignoring H",
        "Sync group H, no matching virtual router found in group declaration - removing",
      ])
    let group = try #require(outcome.configuration.vrrp.syncGroups.first)
    #expect(group.members == ["V", "W"])
    #expect(outcome.configuration.vrrp.syncGroups.count == 1)
    #expect(outcome.configuration.vrrp.instances.allSatisfy { $0.state == .backup })
  }

  @Test("A group of owners that say so themselves starts as master")
  func ownerGroup() {
    let lines = "state MASTER\npriority 255"
    let group = "vrrp_sync_group G {\ngroup { V W }\n}\n"
    let outcome = read(
      group + instance(lines) + instance(lines, name: "W", id: 6, address: "192.0.2.8"))
    #expect(outcome.messages == [])
    #expect(outcome.configuration.vrrp.syncGroups.first?.initialState == .master)
    let mixed = read(
      group + instance(lines) + instance("", name: "W", id: 6, address: "192.0.2.8"))
    #expect(mixed.testExitStatus == 5)
    #expect(mixed.configuration.vrrp.instances.map(\.state) == [.backup, .backup])
  }

  @Test("What group and member both track")
  func both() {
    let outcome = read(
      Self.script
        + "vrrp_sync_group G {\ngroup { V }\nsync_group_tracking_weight\n"
        + "track_script { s weight 9 }\n}\n"
        + instance("track_script { s weight 7 }"))
    #expect(
      outcome.messages.last
        == "(V) track_script s is configured on VRRP instance and sync group."
        + " Remove vrrp instance config")
    #expect(
      outcome.configuration.vrrp.instances.first?.trackScripts == [Tracker(name: "s", weight: 9)])
  }

  @Test("Groups of static items")
  func trackGroups() {
    let outcome = read(
      """
      track_group g {
      group { V X }
      }
      track_group h {
      group { X }
      }
      static_ipaddress {
      192.0.2.1 dev eth0 track_group g
      192.0.2.2 dev eth0 track_group h
      }

      """ + instance(""))
    #expect(outcome.lines == [])
    #expect(outcome.configuration.vrrp.trackGroups.map(\.instances) == [["V"]])
    #expect(outcome.configuration.vrrp.staticAddresses.map(\.trackGroup) == ["g", nil])
  }

  @Test("Interfaces that share their pauses")
  func garpGroups() {
    let outcome = read(
      """
      garp_group {
      interface eth0
      }
      garp_group {
      garp_interval 0.5
      interface eth0
      interfaces { eth1 eth0 eth7 }
      gna_interval x
      interface macvlan0
      }
      """)
    #expect(outcome.lines == [3, 7, 8, 9])
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.refusals.isEmpty)
    #expect(outcome.configuration.vrrp.garpGroups.map(\.interfaces) == [["eth0", "eth1"]])
  }

  @Test("Links that are polled or debounced")
  func links() {
    let outcome = read(
      """
      linkbeat_interfaces {
      eth0 MII
      eth1 SONAR
      }
      interface_up_down_delays {
      eth0 1.5
      eth1 300
      }
      """)
    #expect(outcome.lines == [3, 7])
    #expect(outcome.configuration.vrrp.linkbeatInterfaces.map(\.method) == [.mii, .automatic])
    #expect(outcome.configuration.vrrp.upDownDelays.map(\.down) == [.milliseconds(1500)])
    for block in ["linkbeat_interfaces {\neth7\n}\n", "interface_up_down_delays {\neth7 5\n}\n"] {
      let missing = read(block)
      #expect(missing.testExitStatus == 4)
      #expect(missing.lines == [2])
      #expect(missing.refusals.isEmpty)
    }
  }
}
