import CLinux
import Firewall
import Kernel
import Primitives
import SystemIO
import SystemTestSupport
import Testing

/// What the kernel holds, read again by the programs iptables and ipset.
@Suite(
  "iptables of the kernel",
  .enabled(
    if: NetworkNamespace.isPossible && FileSystem.canExecute("/usr/sbin/iptables-legacy")
      && FileSystem.canExecute("/usr/sbin/ipset"), "needs root, iptables and ipset"))
struct XTablesKernelTests {
  private let here: NetworkNamespace

  init() throws { here = try NetworkNamespace() }

  /// All that is to be done, in the namespace; what failed.
  func perform(_ filter: inout XTablesFilter, ends: Bool = false) throws -> [String] {
    let work = filter.steps(ends: ends)
    var failures: [String] = []
    try Namespaces.insideNetwork(of: here.file) {
      guard let channel = try? NetlinkChannel.ofIPSets() else { return }
      func perform(_ requests: [IPSetRequest]) {
        for error in channel.perform(requests) { if let error { failures.append("\(error)") } }
      }
      for (family, steps) in work {
        for step in steps {
          switch step {
          case .makeSets(let sets): perform(sets.map { .make($0) })
          case .destroySets(let sets): perform(sets.map { .destroy($0) })
          case .addEntries(let entries): perform(entries.map { .add($0) })
          case .removeEntries(let entries): perform(entries.map { .remove($0) })
          case .changeRules(let changes):
            do throws(XTablesChannel.Failure) {
              try XTablesChannel.perform(changes, family)
            } catch { failures.append("\(error)") }
          }
        }
      }
    }
    return failures
  }

  /// The rules of both families, without what is always there.
  func rules() throws -> [String] {
    try here.run("iptables-legacy-save; ip6tables-legacy-save")
      .split(separator: "\n").map(String.init).filter { $0.hasPrefix("-A") }
  }

  func entries() throws -> [String] {
    try here.run("ipset save").split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("add") }.sorted()
  }

  static let vmac = FilterInterface(InterfaceIndex(rawValue: 9), "vrrp.51")

  func elements() throws -> [FilterElement] {
    let linkLocal = try #require(IPAddress(parsing: "fe80::1")?.ipv6)
    return [
      .address(.ipv4(IPv4Address(10, 0, 0, 1))),
      .address(try #require(IPAddress(parsing: "2001:db8::1"))),
      .linkLocal(linkLocal, on: FilterInterface(InterfaceIndex(rawValue: 3), "eth0")),
      .macvlan(.ipv4, Self.vmac, parent: InterfaceIndex(rawValue: 3)),
      .macvlan(.ipv6, Self.vmac, parent: InterfaceIndex(rawValue: 3)),
      .parentAddress(linkLocal, vmac: Self.vmac),
    ]
  }

  @Test("Sets have the elements, and the rules look at them")
  func sets() throws {
    var filter = XTablesFilter(
      XTablesSettings(inputChain: "INPUT", outputChain: "OUTPUT", sets: IPSetNames()))
    let owner = FilterOwners.Owner(number: 1)
    filter.want(try elements(), by: owner)
    // What there is not yet cannot be destroyed.
    let failures = try perform(&filter)
    #expect(Set(failures).isSubset(of: ["No such file or directory"]))
    #expect(
      try entries() == [
        "add keepalived 10.0.0.1", "add keepalived6 2001:db8::1",
        "add keepalived_if6 fe80::1,eth0", "add keepalived_igmp 0.0.0.0/0,vrrp.51",
        "add keepalived_mld ::/0,vrrp.51", "add keepalived_nd fe80::1,vrrp.51",
      ])
    let rules = try rules()
    #expect(rules == Self.rulesOfSets)
    filter.want([], by: owner)
    #expect(try perform(&filter) == [])
    #expect(try entries() == [])
    #expect(try perform(&filter, ends: true) == [])
    let rest = try self.rules()
    #expect(rest == [])
    #expect(try here.run("ipset save") == "")
  }

  static let rulesOfSets: [String] = {
    func dropping(_ chain: String, _ set: String) -> [String] {
      [135, 136].map {
        "-A \(chain) -p ipv6-icmp -m icmp6 --icmpv6-type \($0) -m set --match-set \(set) -j ACCEPT"
      } + ["-A \(chain) -m set --match-set \(set) -j DROP"]
    }
    let ofVMACs = [(143, "mld dst,dst"), (131, "mld dst,dst"), (136, "nd src,dst")].map {
      "-A OUTPUT -p ipv6-icmp -m icmp6 --icmpv6-type \($0)"
        + " -m set --match-set keepalived_\($1) -j DROP"
    }
    return [
      "-A INPUT -m set --match-set keepalived dst -j DROP",
      "-A OUTPUT -p igmp -m set --match-set keepalived_igmp dst,dst -j DROP",
      "-A OUTPUT -m set --match-set keepalived src -j DROP",
    ] + dropping("INPUT", "keepalived_if6 dst,src") + dropping("INPUT", "keepalived6 dst")
      + ofVMACs + dropping("OUTPUT", "keepalived_if6 src,dst")
      + dropping("OUTPUT", "keepalived6 src")
  }()

  @Test("Without sets each has its rules, in chains that may be one only")
  func single() throws {
    var filter = XTablesFilter(
      XTablesSettings(inputChain: nil, outputChain: "OUTPUT", sets: nil))
    let owner = FilterOwners.Owner(number: 1)
    try here.run("iptables-legacy -A OUTPUT -d 192.0.2.1 -j DROP")
    filter.want(try elements(), by: owner)
    #expect(try perform(&filter) == [])
    let icmpv6 = "-p ipv6-icmp -m icmp6 --icmpv6-type"
    let address = "-A OUTPUT -s 2001:db8::1/128"
    let linkLocal = "-A OUTPUT -s fe80::1/128"
    let rules = try rules()
    #expect(
      rules == [
        "-A OUTPUT -o vrrp.51 -p igmp -j DROP", "-A OUTPUT -d 192.0.2.1/32 -j DROP",
        "-A OUTPUT -s 10.0.0.1/32 -j DROP",
        "-A OUTPUT -o vrrp.51 \(icmpv6) 143 -j DROP",
        "-A OUTPUT -o vrrp.51 \(icmpv6) 131 -j DROP",
        "\(linkLocal) -o vrrp.51 \(icmpv6) 136 -j DROP",
        "\(address) \(icmpv6) 135 -j ACCEPT", "\(address) \(icmpv6) 136 -j ACCEPT",
        "\(address) -j DROP",
        "\(linkLocal) -o eth0 \(icmpv6) 135 -j ACCEPT",
        "\(linkLocal) -o eth0 \(icmpv6) 136 -j ACCEPT", "\(linkLocal) -o eth0 -j DROP",
      ])
    filter.want([], by: owner)
    #expect(try perform(&filter) == [])
    let rest = try self.rules()
    #expect(rest == ["-A OUTPUT -d 192.0.2.1/32 -j DROP"])
  }

  @Test("A chain is there or not; what a rule needs and is not there is told")
  func chains() throws {
    try Namespaces.insideNetwork(of: here.file) {
      #expect((try? XTablesChannel.holdsChain("OUTPUT", .ipv6)) == true)
      #expect((try? XTablesChannel.holdsChain("NONE", .ipv4)) == false)
    }
    var filter = XTablesFilter(
      XTablesSettings(inputChain: "NONE", outputChain: nil, sets: nil))
    filter.want(
      [.address(.ipv4(IPv4Address(10, 0, 0, 1)))], by: FilterOwners.Owner(number: 1))
    #expect(try perform(&filter).count == 1)
    #expect(try rules() == [])
  }
}
