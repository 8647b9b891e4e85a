// This target stands between the configuration and IPVS: it says which services and destinations
// virtual servers stand for.
//
// `ServiceExpansion` turns one virtual server into its services: itself, or all addresses and marks
// of its group. `IPVSObjects+Configuration` turns settings into those of the kernel. `GroupMarks`
// gives a firewall mark to each group that nftables marks, and `MarkTable+Groups` says what the
// tables of nftables hold for it; `AddressCoverage` finds the fewest ranges for many addresses.
//
// All are functions of the configuration: the same text gives the same services in the same order,
// and a reload keeps the marks that it can. The checker process and the VRRP process ask here, so
// that both mean the same service.
//
// What must never happen: a range of addresses costs more than `ServiceExpansion.limit` services;
// two groups get one mark; a mark of the configuration is given to a group.

package import Configuration
package import IPVS
import Primitives

/// The services of IPVS that a virtual server stands for: one, or one for each address and mark of
/// its group, addresses first. A group that nftables marks has a service for each of its families.
package struct ServiceExpansion: Hashable, Sendable {
  /// Addresses of one virtual server; further ones have no service.
  package static let limit = 65_536

  package let identities: [Service.Identity]
  package let settings: Service.Settings
  /// The group has more addresses than `limit`.
  package let isCut: Bool

  /// `groups` are searched for the virtual server's; without it there are no services. `marks` are
  /// those of the groups that nftables marks.
  package init(
    _ server: VirtualServer, groups: [VirtualServerGroup], marks: GroupMarks = GroupMarks()
  ) {
    settings = Service.Settings(server)
    let transport = server.transport ?? .udp
    switch server.service {
    case .address(let address, let port):
      identities = [.address(address, port: port, transport)]
      isCut = false
    case .mark(let mark):
      identities = [.mark(mark, server.family ?? .ipv4)]
      isCut = false
    case .group(let name, _):
      var list = IdentityList()
      // Compatibility: the first group of a name is the one that counts.
      let entries = groups.first { $0.name == name }?.entries ?? []
      if let mark = marks[name, transport] {
        identities = entries.families.map { .mark(mark, $0) }
        isCut = false
        return
      }
      for case .addresses(let range) in entries { list.append(range, transport) }
      for case .mark(let mark, let family) in entries {
        list.append(.mark(mark, family ?? server.family ?? .ipv4))
      }
      identities = list.identities
      isCut = list.isCut
    }
  }

  /// All services with these destinations, which have their ports as configured. The services of
  /// one port share an array.
  package func wanting(_ destinations: [Destination]) -> [WantedService] {
    var ofPort: [UInt16: [Destination]] = [:]
    return identities.map { identity in
      let port: UInt16 =
        switch identity {
        case .address(_, let port, _): port
        case .mark: 0
        }
      let resolved = ofPort[port] ?? Self.resolve(destinations, servicePort: port)
      ofPort[port] = resolved
      return WantedService(Service(identity, settings), destinations: resolved)
    }
  }

  /// What becomes the same by its port is there once, as the first of them says.
  private static func resolve(_ destinations: [Destination], servicePort: UInt16) -> [Destination] {
    var seen: Set<Destination.Identity> = []
    return destinations.map { $0.behind(servicePort: servicePort) }
      .filter { seen.insert($0.identity).inserted }
  }
}

/// Identities in order, each once.
private struct IdentityList {
  private(set) var identities: [Service.Identity] = []
  private(set) var isCut = false
  private var known: Set<Service.Identity> = []

  mutating func append(_ identity: Service.Identity) {
    if known.insert(identity).inserted { identities.append(identity) }
  }

  mutating func append(_ range: VirtualServerGroup.AddressRange, _ transport: TransportProtocol) {
    var address = range.first
    while true {
      if identities.count >= ServiceExpansion.limit {
        isCut = true
        return
      }
      append(.address(address, port: range.port, transport))
      guard address < range.last, let next = address.successor else { return }
      address = next
    }
  }
}
