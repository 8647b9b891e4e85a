import EventLoop
import Firewall
import Logging
import Primitives

/// What has the kernel filter what is wanted.
protocol FilterWriter: AnyObject {
  var owners: FilterOwners { get }
  /// An owner wants these, and no others, from the next `commit` on.
  func want(_ elements: [FilterElement], by owner: FilterOwners.Owner)
  var postponesRemovals: Bool { get set }
  /// What others than these elements need is of no use any more.
  func keepRules(for possible: [FilterElement])
  func commit()
  /// Takes away what a predecessor that was killed has left, of a family that nothing is filtered
  /// of yet; `possible` is what it may have wanted.
  func removeLeftovers(of possible: () -> [FilterElement])
  /// Nothing is filtered any more.
  func finish()
}

/// Drops what comes from virtual addresses that nobody may reach here, and what goes to them, and
/// sends what VMACs shall not be heard with another way.
final class PacketFilter {
  typealias Owner = FilterOwners.Owner

  /// What filters.
  enum Method: Hashable {
    case nftables(FilterSettings)
    case iptables(XTablesSettings)
  }

  let edge: any FilterEdge
  private let loop: EventLoop
  private let log: Log
  private(set) var writer: any FilterWriter
  private(set) var method: Method
  /// `disable_local_igmp`: the kernel reports no memberships of local groups (IPv4).
  var disablesLocalIGMP = false
  private var ownerCount = 0
  /// By their names.
  var vmacOwners: [String: Owner] = [:]

  init(_ edge: any FilterEdge, loop: EventLoop, log: Log) {
    self.edge = edge
    self.loop = loop
    self.log = log
    let settings = FilterSettings()
    method = .nftables(settings)
    writer = NFTablesFilter(edge, settings, loop: loop, log: log)
  }

  /// Another method takes over what is wanted, before the one from before ends.
  func use(_ method: Method) {
    if method == self.method { return }
    self.method = method
    let old = writer
    switch method {
    case .nftables(let settings):
      if let current = old as? NFTablesFilter {
        current.settings = settings
        return
      }
      writer = NFTablesFilter(edge, settings, loop: loop, log: log)
    case .iptables(let settings):
      writer = XTablesWriter(edge, settings, loop: loop, log: log)
    }
    for (owner, elements) in old.owners.elements { writer.want(elements, by: owner) }
    writer.commit()
    old.finish()
  }

  func newOwner() -> Owner {
    ownerCount += 1
    return Owner(number: ownerCount)
  }

  /// An owner wants these, and no others.
  func want(_ elements: [FilterElement], by owner: Owner) {
    writer.want(elements, by: owner)
    writer.commit()
  }

  /// Whether the owner wants any.
  func isWanted(by owner: Owner) -> Bool { writer.owners.elements[owner] != nil }

  /// Several changes that are one: what one owner lets go and another one takes is not touched,
  /// and what goes, goes at the end. `possible`: rules for other elements are of no use then.
  func together(_ possible: () -> [FilterElement], _ body: () -> Void) {
    writer.postponesRemovals = true
    body()
    writer.postponesRemovals = false
    let ofVMACs = vmacOwners.values.flatMap { writer.owners.elements[$0] ?? [] }
    writer.keepRules(for: possible() + ofVMACs)
    writer.commit()
  }
}
