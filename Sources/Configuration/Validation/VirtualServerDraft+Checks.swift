import ConfigurationSyntax
import IPVS
import Primitives

extension VirtualServerDraft {
  /// What its clients speak to, seen as what it has to be checked for.
  private enum ServiceKind { case addresses, marks }

  /// The virtual server with all defaults; nil after a report if it cannot work.
  mutating func completed(group: VirtualServerGroup?) -> VirtualServer? {
    if case .mark(0) = server.service {
      // Compatibility: to the reference it has no address, and all of this is reported of it.
      report(.general, "Virtual server \(name): 0 is no firewall mark - ignoring")
      return nil
    }
    checkService(group)
    if scheduler == nil {
      report(.general, "Virtual server \(name): no scheduler set, setting default 'wlc'")
    }
    server.scheduler = scheduler ?? server.scheduler
    server.persistence = persistence.completed
    server.smtpAlert = smtpAlert ?? reading.checkerAlert ?? false
    server.delayLoop = settings.delayLoop ?? server.delayLoop
    completeForwarding()
    dropDuplicates()
    matchSorryServer()
    let weights = realServers.reduce(UInt64(0)) { $0 + UInt64($1.weight ?? weight) }
    checkQuorum(weights)
    let portOfChecks = portOfChecks(group)
    server.realServers = realServers.map { draft in
      draft.completed(self, portOfChecks: portOfChecks)
    }
    server.sorryServer = sorryServer?.server
    checkPorts(group)
    return server
  }

  func report(_ class: Diagnostic.Class, _ message: String) { reading.report(`class`, message) }

  private func kind(_ group: VirtualServerGroup?) -> ServiceKind {
    switch server.service {
    case .address: .addresses
    case .mark: .marks
    case .group: group?.ranges.isEmpty == false ? .addresses : .marks
    }
  }

  private mutating func checkService(_ group: VirtualServerGroup?) {
    let hasMarks =
      switch server.service {
      case .address: false
      case .mark: true
      case .group: group?.hasMarks == true
      }
    if server.hasHASuspend && hasMarks {
      report(
        .general,
        "Virtual server \(name): cannot use ha_suspend with fwmarks - clearing ha_suspend")
      server.hasHASuspend = false
    }
    switch kind(group) {
    case .addresses: checkAddresses(group)
    case .marks:
      guard server.transport != nil else { return }
      report(
        .general,
        "Warning: Virtual server \(name): protocol specified for fwmark - protocol will be ignored")
      server.transport = nil
    }
  }

  private mutating func checkAddresses(_ group: VirtualServerGroup?) {
    if server.transport == nil {
      report(.general, "Virtual server \(name): no protocol set - defaulting to UDP")
      server.transport = .udp
    }
    if server.isOnePacket && server.transport != .udp {
      report(.general, "Virtual server \(name): one packet scheduling requires UDP - resetting")
      server.isOnePacket = false
    }
    let hasPortZero =
      switch server.service {
      case .address(_, let port): port == 0
      case .mark: false
      case .group: group?.ranges.contains { $0.port == 0 } == true
      }
    if hasPortZero && persistence.timeout == nil {
      report(
        .general,
        "Virtual server \(name): zero port only valid for persistent services - setting")
      persistence.timeout = VirtualServer.standardTimeout
    }
  }

  private mutating func completeForwarding() {
    let isUnset = forwarding.method == nil
    if isUnset { forwarding.method = .nat }
    let needsDefault =
      realServers.contains { $0.forwarding.method == nil }
      || (sorryServer.map { $0.forwarding.method == nil } ?? false)
    if isUnset && needsDefault {
      report(.general, "Virtual server \(name): no forwarding method set, setting default NAT")
    }
    for index in realServers.indices where realServers[index].forwarding.method == nil {
      realServers[index].forwarding = forwarding
    }
    if sorryServer?.forwarding.method == nil { sorryServer?.forwarding = forwarding }
    server.forwarding = forwarding.forwarding ?? server.forwarding
    if let forwarding = sorryServer?.forwarding.forwarding {
      sorryServer?.server.forwarding = forwarding
    }
  }

  private mutating func dropDuplicates() {
    var seen: Set<Endpoint> = []
    let (name, transport) = (name, server.transport)
    realServers.removeAll { draft in
      if seen.insert(Endpoint(draft.server.address, draft.server.port)).inserted { return false }
      draft.reading.report(
        .general,
        "VS \(name): real server \(draft.server.name(transport)) is duplicated - removing"
          + " second rs")
      return true
    }
  }

  /// A sorry server that is a real server as well stays in IPVS, or goes, like that.
  private mutating func matchSorryServer() {
    guard var sorry = sorryServer?.server else { return }
    guard
      let twin = realServers.first(where: {
        $0.server.address == sorry.address && $0.server.port == sorry.port
      })
    else { return }
    let inhibits = twin.inhibitsOnFailure ?? inhibitsOnFailure
    if inhibits != sorry.inhibitsOnFailure {
      report(
        .general,
        "Virtual server \(name): real server \(twin.server.name(server.transport)) matches sorry"
          + " server, but inhibit setting differs, \(inhibits ? "setting" : "clearing") on sorry"
          + " server")
      sorry.inhibitsOnFailure = inhibits
    }
    sorry.isRealServer = true
    sorryServer?.server = sorry
  }

  private mutating func checkQuorum(_ weights: UInt64) {
    if UInt64(server.quorum) > weights {
      report(
        .general,
        "Warning - quorum \(server.quorum) for \(name) exceeds total weight of real servers"
          + " \(weights), reducing quorum to \(max(1, weights))")
      // With weights of 0 nothing can reach it, and so it stays.
      server.quorum = max(1, UInt32(clamping: weights))
    }
    if server.hysteresis >= server.quorum {
      report(
        .general,
        "Virtual server \(name): hysteresis \(server.hysteresis) >= quorum \(server.quorum);"
          + " setting hysteresis to \(server.quorum - 1)")
      server.hysteresis = server.quorum - 1
    }
  }

  /// Where a real server without a port is checked: 0 if the service has several ports.
  private func portOfChecks(_ group: VirtualServerGroup?) -> UInt16 {
    switch server.service {
    case .address(_, let port): return port
    case .mark: return 0
    case .group:
      let ports = Set(group?.ranges.map(\.port) ?? [])
      return ports.count == 1 ? ports.first ?? 0 : 0
    }
  }
}

extension Reading {
  /// What the global keywords say of mail about servers.
  var checkerAlert: Bool? { global.mail.smtpAlertChecker ?? global.mail.smtpAlert }
}

/// An address and a port.
private struct Endpoint: Hashable {
  var address: IPAddress
  var port: UInt16

  init(_ address: IPAddress, _ port: UInt16) {
    self.address = address
    self.port = port
  }
}
