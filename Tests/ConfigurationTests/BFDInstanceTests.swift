import Configuration
import ConfigurationSyntax
import Primitives
import Testing

/// A session that is right, with more lines from line 3 on.
private func session(_ lines: String, name: String = "b", neighbor: String = "192.0.2.1") -> String
{
  "bfd_instance \(name) {\nneighbor_ip \(neighbor)\n\(lines)\n}\n"
}

@Suite("bfd_instance")
struct BFDInstanceTests {
  @Test(
    "A bad value is reported on its line and changes nothing",
    arguments: [
      (
        "source_ip 192.0.2.x",
        "Configuration error: BFD instance b has malformed source address 192.0.2.x, ignoring"
      ),
      (
        "min_rx 0", "BFD instance b min_rx value 0 is not valid (must be in range [1-4294967]), ign"
      ),
      ("min_rx 4294968", "number '4294968' outside range [1.000, 4294967.000]"),
      ("min_tx 0.5", "min_tx value 0.5 is not valid (must be in range [1-4294967]), ignoring"),
      ("min_tx -1", "min_tx value -1 is not valid"),
      ("idle_tx 999.999", "idle_tx value 999.999 is not valid (must be in range [1000-4294967])"),
      ("multiplier 0", "multiplier value 0 not valid (must be in range [1-255]), ignoring"),
      ("multiplier 256", "multiplier value 256 not valid (must be in range [1-255]), ignoring"),
      ("ttl 0", "ttl/hoplimit value 0 not valid (must be in range [1-255]), ignoring"),
      ("hoplimit 256", "ttl/hoplimit value 256 not valid (must be in range [1-255]), ignoring"),
      ("max_hops -2", "max_hops value -2 not valid (must be in range [-1-255]), ignoring"),
      ("multihop maybe", "BFD instance b multihop setting not valid - maybe"),
      (
        "weight 254",
        "Configuration error: BFD instance b weight value 254 not valid (must be in range"
          + " [-253-253]), ignoring"
      ),
      ("weight 5 up", "Configuration error: BFD instance b unknown weight option up"),
    ])
  func badValue(line: String, message: String) throws {
    let outcome = read(session(line))
    #expect(outcome.lines == [3])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.testExitStatus == 5)
    let neighbor = IPAddress.ipv4(IPv4Address(192, 0, 2, 1))
    #expect(outcome.configuration.bfd == [BFDInstance(name: "b", neighborIP: neighbor)])
  }

  @Test("All values, and no hint")
  func values() throws {
    let outcome = read(
      """
      bfd_instance a {
        neighbour_ip 2001:db8::2
        source_ip 2001:db8::1
        min_rx 100
        min_tx 50.5
        idle_tx 1500.125
        multiplier 3
        passive
        hoplimit 250
        max_hops 10
        multihop yes
        weight -10 reverse
        checker
      }

      """)
    #expect(outcome.diagnostics == [])
    let instance = try #require(outcome.configuration.bfd.first)
    #expect(instance.neighborIP == IPAddress(parsing: "2001:db8::2"))
    #expect(instance.sourceIP == IPAddress(parsing: "2001:db8::1"))
    #expect(instance.minRx == .milliseconds(100))
    #expect(instance.minTx == Microseconds(50_500))
    #expect(instance.idleTx == Microseconds(1_500_125))
    #expect(instance.multiplier == 3)
    #expect(instance.isPassive)
    #expect(instance.ttl == 250)
    #expect(instance.maxHops == 10)
    #expect(instance.isMultihop)
    #expect(!instance.vrrp)
    #expect(instance.checker)
    #expect(outcome.configuration.vrrp.bfdInstances == [])
  }

  @Test("What is not said has the reference's default")
  func defaults() throws {
    let outcome = read(session("") + session("", name: "c", neighbor: "2001:db8::1"))
    #expect(outcome.diagnostics == [])
    let instance = try #require(outcome.configuration.bfd.first)
    #expect(instance.minRx == .milliseconds(10))
    #expect(instance.minTx == .milliseconds(10))
    #expect(instance.idleTx == .seconds(1))
    #expect(instance.multiplier == 5)
    #expect(instance.maxHops == 0)
    #expect(instance.vrrp && instance.checker && !instance.isMultihop && !instance.isPassive)
    #expect(outcome.configuration.bfd.map(\.ttl) == [255, 64])
    #expect(outcome.configuration.vrrp.bfdInstances.map(\.name) == ["b", "c"])
  }

  @Test("The last of repeated keywords wins")
  func repeated() {
    let outcome = read(
      session("min_rx 20\nmin_rx 30\nmultihop\nmultihop no\nneighbor_ip 192.0.2.9"))
    #expect(outcome.configuration.bfd.first?.minRx == .milliseconds(30))
    #expect(outcome.configuration.bfd.first?.isMultihop == false)
    #expect(outcome.configuration.bfd.first?.neighborIP == IPAddress(parsing: "192.0.2.9"))
  }

  @Test("Too many decimals are reported and rounded, long intervals remarked on")
  func intervals() {
    let rounded = read(session("min_rx 3.3125"))
    #expect(rounded.messages == ["number '3.3125' has too many decimal places"])
    #expect(rounded.testExitStatus == 5)
    #expect(rounded.configuration.bfd.first?.minRx == Microseconds(3_313))
    let long = read(session("min_tx 10000.001"))
    #expect(long.testExitStatus == 0)
    #expect(
      long.diagnostics.map(\.message) == [
        "Configuration warning: BFD instance b min_tx value 10000.001 is larger than max sensible"
          + " (10000)"
      ])
    #expect(long.configuration.bfd.first?.minTx == Microseconds(10_000_001))
  }

  @Test("Without a neighbor that can be read there is no instance, and the rest is not read")
  func neighbor() {
    let missing = read("bfd_instance b {\nmin_rx 5\n}\n")
    #expect(
      missing.messages == [
        "Configuration error: BFD instance b has no neighbor address set, disabling instance"
      ])
    #expect(missing.lines == [3])
    #expect(missing.configuration.bfd == [])
    let malformed = read(
      "bfd_instance b {\nneighbour_ip fe80::1%eth0\nmin_rx 0\n}\n" + session("", name: "c"))
    #expect(
      malformed.messages == [
        "Configuration error: BFD instance b has malformed neighbor address fe80::1%eth0,"
          + " ignoring instance"
      ])
    #expect(malformed.lines == [2])
    #expect(malformed.configuration.bfd.map(\.name) == ["c"])
    // Compatibility: a prefix length is cut off.
    let cut = read(session("", neighbor: "10.0.0.5/24"))
    #expect(cut.messages == [])
    #expect(cut.configuration.bfd.first?.neighborIP == IPAddress(parsing: "10.0.0.5"))
  }

  @Test("An instance that does not go with itself or with another is dropped")
  func together() {
    let families = read(session("source_ip 2001:db8::1"))
    #expect(
      families.messages == [
        "Configuration error: BFD instance b source address 2001:db8::1 and neighbor address"
          + " 192.0.2.1 are not of the same family, disabling instance"
      ])
    #expect(families.lines == [4])
    let same = read(session("source_ip 192.0.2.8") + session("", name: "c"))
    #expect(
      same.messages == [
        "Configuration error: BFD instance c has duplicate neighbor address 192.0.2.1, ignoring"
          + " instance"
      ])
    #expect(same.lines == [8])
    let source = read(
      session("source_ip 192.0.2.8") + session("source_ip 192.0.2.8", name: "c"))
    #expect(
      source.messages == [
        "Configuration error: BFD instance c has duplicate source/neighbor address"
          + " 192.0.2.8/192.0.2.1, ignoring instance"
      ])
    let different = read(
      session("source_ip 192.0.2.8") + session("source_ip 192.0.2.7", name: "c")
        + session("multihop", name: "d"))
    #expect(different.messages == [])
    #expect(different.configuration.bfd.count == 3)
  }

  @Test("More hops than the hop limit has are cut down")
  func hops() {
    let outcome = read(session("ttl 20\nmax_hops 30"))
    #expect(
      outcome.messages == [
        "BFD instance b: max_hops exceeds ttl/hoplimit - setting to ttl/hoplimit"
      ])
    #expect(outcome.configuration.bfd.first?.maxHops == 20)
    // Compatibility: also where -1 stands for any number.
    #expect(read(session("max_hops -1", neighbor: "2001:db8::1")).testExitStatus == 5)
    #expect(read(session("max_hops -1")).configuration.bfd.first?.maxHops == 255)
  }

  @Test("Names: one each, of up to 31 octets")
  func names() {
    let long = String(repeating: "n", count: 32)
    let outcome = read(session("", name: long))
    #expect(
      outcome.messages == [
        "Configuration error: BFD instance \(long) name too long (maximum length is 31 characters)"
          + " - ignoring"
      ])
    #expect(outcome.lines == [1])
    #expect(outcome.configuration.bfd == [] && outcome.configuration.vrrp.bfdInstances == [])
    let twice = read(session("") + session("", neighbor: "192.0.2.2"))
    #expect(
      twice.messages == ["Configuration error: BFD instance b already configured - ignoring"])
    #expect(twice.lines == [5])
    #expect(twice.configuration.bfd.count == 1)
    let none = read("bfd_instance {\nneighbor_ip 192.0.2.1\n}\n")
    #expect(none.messages == ["bfd_instance must have a name - ignoring"])
    #expect(none.testExitStatus == 5)
  }

  @Test("A keyword without its word ends everything")
  func missingWord() {
    for keyword in [
      "neighbor_ip", "source_ip", "min_rx", "multiplier", "ttl", "max_hops", "weight",
    ] {
      #expect(read(session(keyword)).testExitStatus == 2, "\(keyword)")
    }
  }

  @Test("An unknown keyword is told once")
  func unknown() {
    let outcome = read(session("minrx 5"))
    #expect(outcome.messages == ["Unknown keyword 'minrx'"])
    #expect(outcome.lines == [3])
  }

  @Test("VRRP does not know a session that sends it no events")
  func targets() {
    let outcome = read(session("checker") + instance("track_bfd { b }"))
    #expect(outcome.messages == ["(V) track bfd b not found, ignoring..."])
  }

  @Test("No keyword of BFD is without effect")
  func hints() {
    let outcome = read(
      """
      global_defs {
        bfd_process_name bfd
        bfd_priority -5
        bfd_no_swap
        bfd_rt_priority 20
        bfd_cpu_affinity 0 1
        bfd_rlimit_rttime 1000
      }

      """ + session("") + instance("track_bfd { b weight 5 reverse }"))
    #expect(outcome.diagnostics == [])
    #expect(outcome.configuration.global.bfdProcess.rtPriority == 20)
    #expect(
      Configuration.keywordReference.filter {
        $0.name.contains("bfd") || $0.block == "bfd_instance"
      }.allSatisfy { !$0.isWithoutEffect })
  }
}
