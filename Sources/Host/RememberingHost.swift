package import Configuration
package import Primitives

/// A host that asks each slow question once, and a child's host that never asks at all.
package final class RememberingHost: ConfigurationHost {
  private let host: any ConfigurationHost
  private let mayAsk: Bool
  package private(set) var answers: LookupAnswers

  /// With answers of another one only these are given: what it was never asked is unknown.
  package init(_ host: any ConfigurationHost, answers: LookupAnswers? = nil) {
    self.host = host
    mayAsk = answers == nil
    self.answers = answers ?? LookupAnswers()
  }

  private func answer(_ kind: String, _ name: String, _ ask: () -> String?) -> String? {
    if let known = answers[kind, name] { return known.isEmpty ? nil : known }
    guard mayAsk else { return nil }
    let answer = ask()
    answers[kind, name] = answer ?? ""
    return answer
  }

  private static func numbers(_ text: String?) -> [UInt32]? {
    text.map { $0.split(separator: " ").compactMap { UInt32($0) } }
  }

  // MARK: Slow questions

  package func user(named name: String) -> (user: UInt32, group: UInt32)? {
    let text = answer("user", name) { host.user(named: name).map { "\($0.user) \($0.group)" } }
    guard let ids = Self.numbers(text), ids.count == 2 else { return nil }
    return (ids[0], ids[1])
  }

  package func group(named name: String) -> UInt32? {
    Self.numbers(answer("group", name) { host.group(named: name).map { "\($0)" } })?.first
  }

  package func supplementaryGroups(ofUser name: String, group: UInt32) -> [UInt32] {
    let text = answer("groups", "\(group) \(name)") {
      host.supplementaryGroups(ofUser: name, group: group).map { "\($0)" }.joined(separator: " ")
    }
    return Self.numbers(text) ?? []
  }

  package var loginName: String { answer("login", "") { host.loginName } ?? "root" }

  package var canonicalHostName: String? { answer("canonical", "") { host.canonicalHostName } }

  package func resolve(_ name: String) -> IPAddress? {
    answer("address", name) { host.resolve(name)?.description }.flatMap { IPAddress(parsing: $0) }
  }

  package func protocolNumber(named name: String) -> UInt8? {
    let text = answer("protocol", name) { host.protocolNumber(named: name).map { "\($0)" } }
    return text.flatMap { UInt8($0) }
  }

  // MARK: Quick questions

  package func interface(named name: String) -> HostInterface? { host.interface(named: name) }
  package func hasNetworkNamespace(_ name: String) -> Bool { host.hasNetworkNamespace(name) }
  package var ownAccount: ScriptAccount { host.ownAccount }
  package var onlineProcessors: UInt32 { host.onlineProcessors }
  package var hasUptime: Bool { host.hasUptime }
  package var canDisableLocalIGMP: Bool { host.canDisableLocalIGMP }
  package var hasProcessEvents: Bool { host.hasProcessEvents }

  package func iprouteFiles(_ file: String, etc: String?, usr: String?) -> [[UInt8]] {
    host.iprouteFiles(file, etc: etc, usr: usr)
  }

  package func keyFile(_ path: String, limit: Int) -> HostKeyFile {
    host.keyFile(path, limit: limit)
  }

  package func trackFileDirectory(of path: String) -> HostTrackFileDirectory {
    host.trackFileDirectory(of: path)
  }

  package func saveDirectory(_ path: String) -> HostSaveDirectory { host.saveDirectory(path) }

  package func isSpecialFile(_ path: String) -> Bool { host.isSpecialFile(path) }

  package func findInPath(_ program: String, as account: ScriptAccount) -> HostPathSearch {
    host.findInPath(program, as: account)
  }

  package func inspectScript(_ path: String, as account: ScriptAccount) -> HostScript {
    host.inspectScript(path, as: account)
  }
}
