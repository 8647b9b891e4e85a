import ConfigurationSyntax
import Primitives

extension Reading {
  /// What follows the reading for the checker process.
  func completeLVS() {
    separateLVSFIFO()
    linkGroups()
    let groups = groupIndex()
    // Each draft goes when it has served: a text with thousands of servers needs its memory once.
    var drafts = Array(virtualServers.reversed())
    virtualServers = []
    var servers: [VirtualServer] = []
    servers.reserveCapacity(drafts.count)
    while var draft = drafts.popLast() {
      let group = draft.groupName.flatMap { groups[$0] }
      if let server = draft.completed(group: group) { servers.append(server) }
    }
    if configuration.presence.checker {
      checkScripts(of: &servers)
      lvs.virtualServers = servers
    }
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

  /// Takes away scripts that cannot be used.
  private func checkScripts(of servers: inout [VirtualServer]) {
    scriptUse = ScriptUse()
    global.scripts.notifyFIFO.script = checkedOrNone(global.scripts.notifyFIFO.script)
    global.scripts.lvsNotifyFIFO.script = checkedOrNone(global.scripts.lvsNotifyFIFO.script)
    for index in servers.indices {
      servers[index].quorumUp = checkedOrNone(servers[index].quorumUp)
      servers[index].quorumDown = checkedOrNone(servers[index].quorumDown)
      for place in servers[index].realServers.indices {
        checkScripts(of: &servers[index].realServers[place])
        hint(ofUncheckedServer: place, of: servers[index])
      }
    }
    reportScriptSecurity("check ")
  }

  private func checkScripts(of server: inout RealServer) {
    server.notifyUp = checkedOrNone(server.notifyUp)
    server.notifyDown = checkedOrNone(server.notifyDown)
    for index in server.checkers.indices {
      guard case .misc(let check) = server.checkers[index].kind else { continue }
      server.checkers[index].kind = .misc(checked(check))
    }
  }

  /// Without its script, after a note, if that cannot be used: then nothing is found out by it.
  private func checked(_ check: MiscCheck) -> MiscCheck {
    guard let script = check.script else { return check }
    var check = check
    let command = check.command.joined(separator: " ")
    check.script = nil
    do throws(ScriptFault) { check.script = try checked(script) } catch {
      switch error {
      case .insecure: report(.note, "Disabling misc script \(command) due to insecure")
      case .notUsable, .notExecutable:
        report(.note, "Disabling misc script \(command) since not found/accessible")
      }
    }
    return check
  }

  /// Says what becomes of a server whose check cannot run.
  private func hint(ofUncheckedServer place: Int, of service: VirtualServer) {
    let server = service.realServers[place]
    for checker in server.checkers {
      guard case .misc(let check) = checker.kind, check.script == nil else { continue }
      report(
        .hint,
        "real server \(server.name(service.transport)) of virtual server \(service.name)"
          + (checker.isAlpha ? " stays out of service" : " is served unchecked")
          + ": misc script '\(check.command.joined(separator: " "))' cannot run")
    }
  }

  private func dropUnusedTrackFiles() {
    var used: Set<String> = []
    for server in lvs.virtualServers {
      for checker in server.realServers.lazy.flatMap(\.checkers) {
        if case .file(let check) = checker.kind { used.insert(check.trackFile) }
      }
    }
    lvs.trackFiles.removeAll { !used.contains($0.name) }
  }
}
