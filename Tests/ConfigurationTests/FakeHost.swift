import Configuration
import Primitives

/// A machine made of tables.
final class FakeHost: ConfigurationHost {
  var interfaces: [String: HostInterface] = [
    "lo": HostInterface(index: InterfaceIndex(rawValue: 1), isLoopback: true),
    "eth0": HostInterface(index: InterfaceIndex(rawValue: 2)),
    "eth1": HostInterface(index: InterfaceIndex(rawValue: 3)),
    "red": HostInterface(index: InterfaceIndex(rawValue: 4), kind: .vrf(table: 77)),
    "ppp0": HostInterface(
      index: InterfaceIndex(rawValue: 5), hasMulticast: false, isEthernet: false),
    "macvlan0": HostInterface(
      index: InterfaceIndex(rawValue: 6), kind: .privateMacvlan, base: "eth0"),
  ]
  var users: [String: (user: UInt32, group: UInt32)] = ["root": (0, 0), "web": (1000, 1000)]
  var groups: [String: UInt32] = ["root": 0, "web": 1000, "adm": 4]
  var tables: [String: String] = [
    "rt_tables": "100 blue\n# 5 no\n101  green\n", "group": "7 lan\n",
  ]
  var keyFiles: [String: HostKeyFile] = [:]
  var programs: [String: HostScript] = [:]
  var searchPath: [String: String] = ["true": "/usr/bin/true"]
  var namespaces: Set<String> = ["blue"]
  var hasUptime = true
  var hasProcessEvents = true
  var canDisableLocalIGMP = true
  var canonicalHostName: String? = "router.example"

  init() {
    let root = HostScript.Component(.directory)
    programs["/usr/bin/true"] = HostScript(
      realPath: "/usr/bin/true", components: [root, root, root, HostScript.Component(.file)],
      realComponents: [root, root, root, HostScript.Component(.file)])
  }

  func interface(named name: String) -> HostInterface? { interfaces[name] }
  func hasNetworkNamespace(_ name: String) -> Bool { namespaces.contains(name) }
  func user(named name: String) -> (user: UInt32, group: UInt32)? { users[name] }
  func group(named name: String) -> UInt32? { groups[name] }
  func supplementaryGroups(ofUser name: String, group: UInt32) -> [UInt32] { [27] }
  var ownAccount: ScriptAccount { ScriptAccount(user: 0, group: 0) }
  var loginName: String { "root" }
  var onlineProcessors: UInt32 { 4 }
  func resolve(_ host: String) -> IPAddress? {
    host == "mail.example" ? .ipv4(IPv4Address(192, 0, 2, 25)) : nil
  }
  func protocolNumber(named name: String) -> UInt8? { name == "tcp" ? 6 : nil }
  func iprouteFiles(_ file: String, etc: String?, usr: String?) -> [[UInt8]] {
    tables[file].map { [Array($0.utf8)] } ?? []
  }
  func keyFile(_ path: String, limit: Int) -> HostKeyFile {
    keyFiles[path] ?? .unreadable("No such file or directory")
  }
  func trackFileDirectory(of path: String) -> HostTrackFileDirectory {
    if path.hasPrefix("/proc/") { return .unwatchable }
    if path == "/etc" || path == "/tmp" { return .fileIsDirectory }
    return path.hasPrefix("/tmp/") ? .watchable : .unresolvable(2, "No such file or directory")
  }
  func saveDirectory(_ path: String) -> HostSaveDirectory {
    switch path {
    case "/etc/passwd": .notDirectory
    case "/nowhere/here": .unusable(2, "No such file or directory")
    default: path.utf8.count > 255 ? .unusable(36, "File name too long") : .usable
    }
  }
  func isSpecialFile(_ path: String) -> Bool { path == "/tmp/fifo" }
  func findInPath(_ program: String, as account: ScriptAccount) -> HostPathSearch {
    searchPath[program].map { .found($0) } ?? .notFound
  }
  func inspectScript(_ path: String, as account: ScriptAccount) -> HostScript {
    programs[path] ?? HostScript(realPath: nil, reason: "No such file or directory")
  }
}
