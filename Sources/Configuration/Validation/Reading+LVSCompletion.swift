import ConfigurationSyntax
import Primitives

extension Reading {
  /// What follows the reading for the checker process.
  func completeLVS() {
    separateLVSFIFO()
    linkGroups()
    let groups = groupIndex()
    let servers = virtualServers.compactMap { draft in
      var draft = draft
      return draft.completed(group: draft.groupName.flatMap { groups[$0] })
    }
    lvs.virtualServers = configuration.presence.checker ? checkedScripts(of: servers) : []
    dropUnusedTrackFiles()
  }

  /// The first group of a name counts.
  func groupIndex() -> [String: VirtualServerGroup] {
    Dictionary(lvs.groups.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Two writers of one FIFO would mix their lines.
  private func separateLVSFIFO() {
    guard let path = global.scripts.lvsNotifyFIFO.path, path == global.scripts.notifyFIFO.path
    else { return }
    report(
      .note,
      "notify FIFO \(path) has been specified for global and LVS FIFO - ignoring LVS FIFO")
    global.scripts.lvsNotifyFIFO = NotifyFIFO()
  }

  /// The virtual servers without scripts that cannot be used.
  private func checkedScripts(of servers: [VirtualServer]) -> [VirtualServer] {
    scriptUse = ScriptUse()
    global.scripts.notifyFIFO.script = checkedOrNone(global.scripts.notifyFIFO.script)
    global.scripts.lvsNotifyFIFO.script = checkedOrNone(global.scripts.lvsNotifyFIFO.script)
    let servers = servers.map(checkedScripts)
    reportScriptSecurity("check ")
    return servers
  }

  private func checkedScripts(of server: VirtualServer) -> VirtualServer {
    var server = server
    server.quorumUp = checkedOrNone(server.quorumUp)
    server.quorumDown = checkedOrNone(server.quorumDown)
    for index in server.realServers.indices {
      server.realServers[index].notifyUp = checkedOrNone(server.realServers[index].notifyUp)
      server.realServers[index].notifyDown = checkedOrNone(server.realServers[index].notifyDown)
      server.realServers[index].checkers = server.realServers[index].checkers.compactMap(checked)
    }
    return server
  }

  /// Nil after a note if its script cannot be used: the real server lacks that check.
  private func checked(_ checker: Checker) -> Checker? {
    guard case .misc(var check) = checker.kind else { return checker }
    let command = check.script.arguments.joined(separator: " ")
    do throws(ScriptFault) {
      check.script = try checked(check.script)
    } catch {
      switch error {
      case .insecure: report(.note, "Disabling misc script \(command) due to insecure")
      case .notUsable: report(.note, "Disabling misc script \(command) since not found/accessible")
      }
      return nil
    }
    var checker = checker
    checker.kind = .misc(check)
    return checker
  }

  private func dropUnusedTrackFiles() {
    var used: Set<String> = []
    for server in lvs.virtualServers.flatMap(\.realServers) {
      for checker in server.checkers {
        if case .file(let check) = checker.kind { used.insert(check.trackFile) }
      }
    }
    lvs.trackFiles.removeAll { !used.contains($0.name) }
  }
}
