import Configuration
import ConfigurationSyntax
import IPVS
import Primitives

/// Any bytes as a configuration, with all keyword tables and checks, as `-t` and as a daemon read
/// it. The reading has to end with a status that is defined, and what comes of it has to be such
/// that a process can work with it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  // Sequences of a million lines are right, and too slow here.
  if bytes.contains(UInt8(ascii: "~")) { return 0 }
  for strictness in [ReadingContext.Strictness.test, .run] {
    let outcome = Configuration.read(
      files: MemoryFiles(["/etc/keepalived/keepalived.conf": .bytes(bytes)]), host: FuzzHost(),
      options: ReadingOptions(path: "/etc/keepalived/keepalived.conf", strictness: strictness))
    precondition([0, 2, 4, 5, 6].contains(outcome.testExitStatus))
    for server in outcome.configuration.lvs.virtualServers { check(server) }
    for group in outcome.configuration.lvs.groups { check(group) }
  }
  return 0
}

private func check(_ server: VirtualServer) {
  precondition(!server.realServers.isEmpty, "no real servers")
  precondition(server.hysteresis < server.quorum, "a hysteresis that is not below the quorum")
  precondition(server.delayLoop > .zero, "no pause")
  precondition(server.service != .mark(0), "mark 0")
  precondition(server.persistence.map { $0.timeout > 0 } ?? true, "persistence without time")
  for real in server.realServers {
    precondition(real.weight <= UInt32(Int32.max), "a weight that IPVS does not know")
    for checker in real.checkers { check(checker) }
  }
}

private func check(_ checker: Checker) {
  precondition(checker.delayLoop > .zero && checker.warmup >= .zero, "no pause")
  precondition(checker.delayBeforeRetry >= .zero, "a time that runs backwards")
  if let connection = checker.connection {
    precondition(connection.timeout > .zero, "no time to connect")
    precondition(
      connection.bindAddress.map { $0.family == connection.address.family } ?? true,
      "families that do not go together")
    precondition(!connection.address.isLinkLocal || connection.bindInterface != nil)
  }
  switch checker.kind {
  case .http(let check):
    precondition(!check.urls.isEmpty, "no url")
    for url in check.urls {
      precondition(url.digest.map { $0.count == 16 } ?? true)
      precondition(!url.statusCodes.ranges.isEmpty && url.statusCodes.ranges.count <= 250)
      if let regex = url.regex, let last = regex.maxOffset { precondition(regex.minOffset <= last) }
    }
  case .udp(let check):
    precondition(!check.payload.isEmpty)
    if case .matching(let reply) = check.reply {
      precondition(!reply.octets.isEmpty && reply.octets.count == reply.mask.count)
    }
  case .misc(let check):
    precondition(check.timeout > .zero && check.script?.arguments.isEmpty != true)
  case .tcp, .smtp, .dns, .ping, .bfd, .file: break
  }
}

private func check(_ group: VirtualServerGroup) {
  precondition(!group.entries.isEmpty)
  for range in group.ranges {
    precondition(range.first.family == range.last.family && range.first <= range.last)
  }
}

/// A machine on which everything is there, and nothing is looked at.
private final class FuzzHost: ConfigurationHost {
  func interface(named name: String) -> HostInterface? {
    name.hasPrefix("x") ? nil : HostInterface(index: InterfaceIndex(rawValue: 2))
  }
  func hasNetworkNamespace(_ name: String) -> Bool { true }
  func user(named name: String) -> (user: UInt32, group: UInt32)? {
    name == "root" ? (0, 0) : nil
  }
  func group(named name: String) -> UInt32? { name == "root" ? 0 : nil }
  func supplementaryGroups(ofUser name: String, group: UInt32) -> [UInt32] { [] }
  var ownAccount: ScriptAccount { ScriptAccount(user: 0, group: 0) }
  var loginName: String { "root" }
  var onlineProcessors: UInt32 { 4 }
  var canonicalHostName: String? { "host.example" }
  func resolve(_ host: String) -> IPAddress? { nil }
  func protocolNumber(named name: String) -> UInt8? { nil }
  var hasUptime: Bool { true }
  var canDisableLocalIGMP: Bool { true }
  var hasProcessEvents: Bool { true }
  func iprouteFiles(_ file: String, etc: String?, usr: String?) -> [[UInt8]] { [] }
  func keyFile(_ path: String, limit: Int) -> HostKeyFile { .unreadable("none") }
  func trackFileDirectory(of path: String) -> HostTrackFileDirectory { .watchable }
  func saveDirectory(_ path: String) -> HostSaveDirectory { .usable }
  func isSpecialFile(_ path: String) -> Bool { false }
  func findInPath(_ program: String, as account: ScriptAccount) -> HostPathSearch { .notFound }
  func inspectScript(_ path: String, as account: ScriptAccount) -> HostScript {
    let component = HostScript.Component(.file)
    return HostScript(realPath: path, components: [component], realComponents: [component])
  }
}
