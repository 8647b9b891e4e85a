// This target is the machine as the configuration sees it.
//
// Reading is pure; what it wants to know of the machine it asks a `ConfigurationHost`. `SystemHost`
// answers from the kernel: interfaces, accounts, host names, files, the names of iproute
// (`IPRouteNames`). `RememberingHost` keeps each answer (`LookupAnswers`), because children read
// the same text later, without the rights or the namespace of the parent, and must come to the same
// tree. `SystemFiles` gives the texts of the files with the checks of `include_check`.
// `ConfigurationSnapshot` is both together: what the parent hands to each child.
//
// Interfaces are as they were when the host was made; a reload makes a new one.
//
// What must never happen: two processes with different trees from one text; a question of a child
// that goes to the machine though the parent has the answer; a file that is read twice in one
// reading, and may have changed between.

package import Configuration
package import Kernel
package import Primitives
package import SystemIO

/// The machine that the configuration is read for.
package final class SystemHost: ConfigurationHost {
  /// The interfaces as they were when this was made; a reload makes a new one.
  private let interfaces: [String: NetworkInterface]
  private let names: [InterfaceIndex: String]

  package init(interfaces: [NetworkInterface]) {
    self.interfaces = Dictionary(
      interfaces.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    names = Dictionary(
      interfaces.map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  package func interface(named name: String) -> HostInterface? {
    guard let link = interfaces[name] else { return nil }
    return HostInterface(
      index: link.index, kind: kind(of: link),
      base: link.base == link.index ? nil : names[link.base],
      isLoopback: link.isLoopback, hasMulticast: link.hasMulticast, isEthernet: link.isEthernet,
      mtu: link.mtu)
  }

  private func kind(of link: NetworkInterface) -> HostInterface.Kind {
    switch link.kind {
    case "macvlan":
      link.macvlanMode == NetworkInterface.privateMacvlan ? .privateMacvlan : .otherMacvlan
    case "ipvlan": link.ipvlanMode == NetworkInterface.layer2IPVLAN ? .ipvlanL2 : .otherIPVLAN
    case "vrf": .vrf(table: link.vrfTable ?? 0)
    default: .ordinary
    }
  }

  package func hasNetworkNamespace(_ name: String) -> Bool {
    !name.isEmpty && !name.contains("/") && (try? FileSystem.status("/run/netns/\(name)")) != nil
  }

  // MARK: Accounts

  package func user(named name: String) -> (user: UInt32, group: UInt32)? { Accounts.user(name) }
  package func group(named name: String) -> UInt32? { Accounts.group(name) }

  package func supplementaryGroups(ofUser name: String, group: UInt32) -> [UInt32] {
    Accounts.groups(of: name, primary: group).filter { $0 != group }
  }

  package var ownAccount: ScriptAccount {
    let own = Program.Account.own
    return ScriptAccount(user: own.user, group: own.group)
  }

  package var loginName: String { Accounts.userName(Accounts.realUser) ?? "root" }

  // MARK: The machine

  package var onlineProcessors: UInt32 { UInt32(clamping: Resources.onlineProcessors) }
  package var canonicalHostName: String? { NameLookup.canonicalName(of: SystemName().node) }
  package func resolve(_ host: String) -> IPAddress? { NameLookup.address(of: host) }

  package func protocolNumber(named name: String) -> UInt8? {
    NameLookup.protocolNumber(name).flatMap { UInt8(exactly: $0) }
  }

  package var hasUptime: Bool { FileSystem.line(of: "/proc/uptime") != nil }

  package var canDisableLocalIGMP: Bool {
    FileSystem.canWrite("/proc/sys/net/ipv4/igmp_link_local_mcast_reports")
  }

  package var hasProcessEvents: Bool { ProcessEvents.areSupported }

  // MARK: Files

  package func iprouteFiles(_ file: String, etc: String?, usr: String?) -> [[UInt8]] {
    IPRouteNames.files(file, etc: etc, usr: usr)
  }

  package func keyFile(_ path: String, limit: Int) -> HostKeyFile {
    do throws(Errno) {
      let file = try FileDescriptor.openForReading(path)
      let status = try FileStatus(of: file)
      let bytes = try file.read(atMost: limit)
      return .contents(bytes, isPrivate: status.mode & 0o077 == 0)
    } catch { return .unreadable(error.description) }
  }

  package func trackFileDirectory(of path: String) -> HostTrackFileDirectory {
    let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    do throws(Errno) {
      let directory = try FileSystem.realPath(parent.isEmpty ? "/" : parent)
      let kind = try FileSystemKind(of: directory)
      if kind.isReadOnly || kind.isUnwatchable { return .unwatchable }
      let status = try? FileSystem.status(path)
      return status?.kind == .directory ? .fileIsDirectory : .watchable
    } catch { return .unresolvable(error.rawValue, error.description) }
  }

  package func saveDirectory(_ path: String) -> HostSaveDirectory {
    do throws(Errno) {
      return try FileSystem.status(path).kind == .directory ? .usable : .notDirectory
    } catch {
      let parent = path.lastIndex(of: "/").map { "\(path[..<$0])/" } ?? "."
      let isDirectory = (try? FileSystem.status(parent))?.kind == .directory
      if error == .noEntry, !path.isEmpty, isDirectory { return .usable }
      return .unusable(error.rawValue, error.description)
    }
  }

  package func isSpecialFile(_ path: String) -> Bool {
    guard let status = try? FileSystem.status(path) else { return false }
    return status.kind != .regular
  }

  // MARK: Scripts

  package func findInPath(_ program: String, as account: ScriptAccount) -> HostPathSearch {
    let path = Environment["PATH"] ?? Environment.standardPath
    return Credentials.acting(as: Program.Account(account)) {
      var wasRefused = false
      for directory in path.split(separator: ":", omittingEmptySubsequences: false) {
        let candidate = "\(directory.isEmpty ? "." : directory)/\(program)"
        guard let status = try? FileSystem.status(candidate), status.kind == .regular else {
          continue
        }
        if FileSystem.canExecute(candidate) { return .found(candidate) }
        wasRefused = true
      }
      return wasRefused ? .notPermitted : .notFound
    }
  }

  package func inspectScript(_ path: String, as account: ScriptAccount) -> HostScript {
    let resolved: Result<String, Errno> = Credentials.acting(as: Program.Account(account)) {
      do throws(Errno) { return .success(try FileSystem.realPath(path)) } catch {
        return .failure(error)
      }
    }
    let real: String
    switch resolved {
    case .failure(let error): return HostScript(realPath: nil, reason: error.description)
    case .success(let path): real = path
    }
    let file = component(real, followingLinks: true)
    return HostScript(
      realPath: real, components: components(of: path), realComponents: components(of: real),
      file: file, isProgram: ProgramFile.isExecutedByKernel(real))
  }

  private func components(of path: String) -> [HostScript.Component] {
    var components = [component("/", followingLinks: false)]
    var prefix = path.hasPrefix("/") ? "" : FileSystem.workingDirectory
    for part in path.split(separator: "/") {
      prefix += "/\(part)"
      components.append(component(prefix, followingLinks: false))
    }
    return components
  }

  private func component(_ path: String, followingLinks: Bool) -> HostScript.Component {
    guard let status = try? FileSystem.status(path, followingLinks: followingLinks) else {
      return HostScript.Component(.missing)
    }
    let kind: HostScript.Component.Kind =
      switch status.kind {
      case .directory: .directory
      case .regular: .file
      case .link: .link
      case .fifo, .characterDevice, .other: .other
      }
    return HostScript.Component(
      kind, owner: status.owner, group: status.group, mode: UInt16(truncatingIfNeeded: status.mode))
  }
}

extension Program.Account {
  package init(_ account: ScriptAccount) {
    self.init(
      user: account.user, group: account.group, supplementaryGroups: account.supplementaryGroups)
  }
}
