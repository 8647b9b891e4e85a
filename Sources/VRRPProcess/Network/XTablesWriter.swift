import EventLoop
import Firewall
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO

/// Has iptables filter what is wanted to be filtered, by rules for each address or by sets.
///
/// All rules of a change are one exchange of the table; sets are changed before and after, so that
/// what is looked up is there. What could not be done is made anew later, all of it.
final class XTablesWriter: FilterWriter {
  private let edge: any FilterEdge
  private let loop: EventLoop
  private let log: Log
  private var filter: XTablesFilter
  /// Whose chains are not there.
  private var unfiltered: Set<AddressFamily> = []
  private(set) lazy var retry = Retry(
    loop: loop, log: log, relief: "iptables holds all that is configured again",
    excess: "iptables: further errors are not logged until all is well",
    attempt: { [unowned self] in commit() })

  init(_ edge: any FilterEdge, _ settings: XTablesSettings, loop: EventLoop, log: Log) {
    self.edge = edge
    self.loop = loop
    self.log = log
    filter = XTablesFilter(settings)
    for family in [AddressFamily.ipv4, .ipv6] { findChains(family) }
  }

  private func findChains(_ family: AddressFamily) {
    let chains = [filter.settings.inputChain, filter.settings.outputChain].compactMap(\.self)
    for chain in chains where (try? edge.holdsChain(chain, family)) == false {
      log.info("\(Self.program(family)) chain \(chain) doesn't exist")
      unfiltered.insert(family)
    }
  }

  private static func program(_ family: AddressFamily) -> String {
    family == .ipv4 ? "iptables" : "ip6tables"
  }

  // MARK: Wanting

  var owners: FilterOwners { filter.owners }

  func want(_ elements: [FilterElement], by owner: FilterOwners.Owner) {
    filter.want(elements, by: owner)
  }

  var postponesRemovals: Bool {
    get { filter.postponesRemovals }
    set { filter.postponesRemovals = newValue }
  }

  /// Empty sets, with the rules that look them up, stay: they do nothing.
  func keepRules(for possible: [FilterElement]) {
    if possible.isEmpty && filter.owners.elements.isEmpty { finish() }
  }

  func removeLeftovers(of possible: () -> [FilterElement]) {
    for (family, steps) in filter.leftovers(of: possible()) where !unfiltered.contains(family) {
      // What is not there is no mistake; whatever else it is shows when something is added.
      for step in steps { _ = perform(step, family) }
    }
  }

  func finish() {
    filter.releaseAll()
    perform(filter.steps(ends: true))
    retry.settle(isNeeded: false)
  }

  // MARK: Steps

  func commit() {
    perform(filter.steps())
    retry.settle(isNeeded: filter.needsRetry)
  }

  private func perform(_ work: [(family: AddressFamily, steps: [XTablesStep])]) {
    for (family, steps) in work where !unfiltered.contains(family) {
      for step in steps {
        guard let failure = perform(step, family) else { continue }
        failed(step, family, failure)
        break
      }
    }
  }

  private func failed(_ step: XTablesStep, _ family: AddressFamily, _ failure: Failure) {
    filter.failed(family)
    if case .makeSets = step, filter.usesSets(family) {
      log.info("\(failure.text) - using a rule for each address")
      filter.giveUpSets(family)
      perform(filter.steps().filter { $0.family == family })
      return
    }
    retry.complain("\(failure.text) - \(family == .ipv4 ? "IPv4" : "IPv6") is not filtered")
  }

  private struct Failure {
    var text: String
  }

  /// Nil: it was done.
  private func perform(_ step: XTablesStep, _ family: AddressFamily) -> Failure? {
    switch step {
    case .changeRules(let changes):
      if changes.isEmpty { return nil }
      do throws(XTablesChannel.Failure) {
        try edge.change(changes, family)
        return nil
      } catch {
        let chain = error.place.map { " chain \(changes[$0].chain)" } ?? ""
        return Failure(
          text: "\(Self.program(family))\(chain) error: \(error.reason)(\(error.reason.rawValue))")
      }
    case .destroySets(let sets):
      // One that is used by somebody else shows when it shall be made.
      _ = edge.perform(sets.map { .destroy($0) })
      return nil
    case .makeSets(let sets):
      let errors = edge.perform(sets.map { .make($0) })
      for (set, error) in zip(sets, errors) where error == .exists {
        return Failure(text: "ipset \(set.name) already exists")
      }
      return failure(errors, "ipset cannot be made")
    case .addEntries(let entries):
      return failure(edge.perform(entries.map { .add($0) }), "ipset cannot be added to")
    case .removeEntries(let entries):
      return failure(edge.perform(entries.map { .remove($0) }), "ipset cannot be taken from")
    }
  }

  private func failure(_ errors: [Errno?], _ text: String) -> Failure? {
    guard let error = errors.lazy.compactMap(\.self).first else { return nil }
    return Failure(text: "\(text): \(error)(\(error.rawValue))")
  }
}
