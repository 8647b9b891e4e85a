import ConfigurationSyntax
import IPVS
import Primitives

extension VirtualServerDraft {
  /// Makes the ports of the servers fit that of the service: only NAT changes a packet's port.
  mutating func checkPorts(_ group: VirtualServerGroup?) {
    switch server.service {
    case .address(_, let port): fitPorts(port)
    case .mark: clearPorts()
    case .group: checkPorts(of: group)
    }
  }

  private mutating func fitPorts(_ port: UInt16) {
    for index in server.realServers.indices {
      let real = server.realServers[index]
      if real.port == 0 {
        server.realServers[index].port = port
      } else if real.forwarding != .nat && real.port != port {
        report(
          .general,
          "WARNING - virtual server \(name) and real server \(real.name(server.transport)) ports"
            + " don't match - resetting")
        server.realServers[index].port = port
      }
    }
    guard let sorry = server.sorryServer, sorry.forwarding != .nat, sorry.port != port else {
      return
    }
    if sorry.port != 0 {
      report(
        .general,
        "WARNING - virtual server \(name) and sorry server ports don't match - resetting")
    }
    server.sorryServer?.port = port
  }

  private mutating func clearPorts() {
    for index in server.realServers.indices {
      let real = server.realServers[index]
      guard real.forwarding != .nat, real.port != 0 else { continue }
      report(
        .general,
        "WARNING - fwmark virtual server \(name), real server \(real.name(server.transport)) has"
          + " port specified - clearing")
      server.realServers[index].port = 0
    }
    guard let sorry = server.sorryServer, sorry.forwarding != .nat, sorry.port != 0 else { return }
    report(
      .general, "WARNING - virtual server \(name), sorry server has port specified - clearing")
    server.sorryServer?.port = 0
  }

  /// One server cannot have the ports of all entries: those that do not fit are told.
  private func checkPorts(of group: VirtualServerGroup?) {
    guard let group else { return }
    for real in server.realServers where real.forwarding != .nat && real.port != 0 {
      let realName = real.name(server.transport)
      if group.hasMarks {
        report(
          .general,
          "WARNING - fwmark virtual server \(name), real server \(realName) has port specified"
            + " - port will be ignored")
      }
      for range in group.ranges where range.port != real.port {
        report(
          .general,
          "virtual server \(name):[\(range.name)] and real server \(realName) ports don't"
            + " match")
      }
    }
    guard let sorry = server.sorryServer, sorry.forwarding != .nat, sorry.port != 0,
      group.hasMarks || group.ranges.contains(where: { $0.port != sorry.port })
    else { return }
    report(
      .general,
      "WARNING - virtual server \(name), sorry server has port specified - port will be ignored")
  }
}
