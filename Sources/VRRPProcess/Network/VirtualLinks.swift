import EventLoop
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO

/// A virtual link as others that take care of it know it.
struct VirtualLinkReport: Hashable {
  var name: String
  /// Of the addresses that it may carry.
  var families: Set<AddressFamily>
  /// Whether it matters to the packet filter.
  var isFiltered: Bool
  /// The kernel's.
  var index: InterfaceIndex
  var parentIndex: InterfaceIndex
  var parentLinkLocal: IPAddress?
}

/// Told of the virtual links that come, when they are not switched on yet, and go, when they are
/// still there.
protocol VirtualLinkObserver: AnyObject {
  func virtualLinksCame(_ links: [VirtualLinkReport])
  func virtualLinksGo(_ links: [VirtualLinkReport])
}

/// The links that we make: there from the start to the stop, whoever is MASTER, and made anew when
/// somebody takes them.
///
/// `Installer` makes and removes them; here stands what else belongs to a link that has come (its
/// settings and its parent's, its own address) or goes.
final class VirtualLinks {
  private let edge: any NetworkEdge
  private let interfaces: InterfaceTable
  private let addresses: Installer<PlacedAddress>
  private let settings: KernelSettings
  private let log: Log
  private let installer: Installer<PlacedLink>
  private let owner: Installer<PlacedLink>.Owner
  /// Told when links have come at another time than at a start or a reload.
  var came: (() -> Void)?
  private var wanted: [PlacedLink] = []
  /// Those that were there already, with what a predecessor may have left on them.
  private var adopted: Set<InterfaceIndex> = []
  /// Those that could not be switched on because their parent was not.
  private var waiting: Set<InterfaceIndex> = []
  /// Those that somebody took, until they are made anew.
  private var lost: Set<InterfaceIndex> = []
  weak var observer: (any VirtualLinkObserver)?

  init(
    edge: any NetworkEdge, loop: EventLoop, interfaces: InterfaceTable,
    addresses: Installer<PlacedAddress>, settings: KernelSettings, log: Log
  ) {
    self.edge = edge
    self.interfaces = interfaces
    self.addresses = addresses
    self.settings = settings
    self.log = log
    installer = Installer(edge: edge, loop: loop, interfaces: interfaces, log: log)
    owner = installer.newOwner()
    installer.arrivedLate = { [unowned self] in
      setUp($0)
      came?()
    }
  }

  /// Whether a link of that number is ours.
  func isOurs(_ number: InterfaceIndex) -> Bool { installer.isPresent(number) }

  /// Whether it was made by this process: nothing was on it then.
  func isMade(_ number: InterfaceIndex) -> Bool { isOurs(number) && !adopted.contains(number) }

  // MARK: Wanting

  /// Makes those of a plan; those of the one before that are not in it go. `settled` waits until
  /// what was done is known.
  func replace(by plan: VirtualLinkPlan, settled: () -> Void) {
    let new = Dictionary(
      plan.links.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    let gone = wanted.filter { old in new[old.number]?.isSame(as: old) != true }
    takeDown(gone)
    removeObstacles(plan)
    if !gone.isEmpty || !plan.obstacles.isEmpty { settled() }
    wanted = plan.links
    for link in wanted { interfaces[link.number].parent = link.parent }
    let missing = wanted.filter { !installer.isPresent($0.key) }
    let changed = Set(gone.map(\.number))
    installer.adopt(
      missing.filter { plan.adopted.contains($0.number) && !changed.contains($0.number) },
      by: owner)
    adopted.formIntersection(Set(wanted.map(\.number)).subtracting(changed))
    let found = missing.filter { installer.isPresent($0.key) }
    adopted.formUnion(found.map(\.number))
    if !found.isEmpty { observer?.virtualLinksCame(found.map(report)) }
    let absent = missing.filter { !installer.isPresent($0.key) }
    installer.want(wanted, by: owner)
    // With another hardware address it is another router's: as good as new.
    let taken = wanted.filter { link in plan.readdressed.contains { $0.number == link.number } }
    let made = absent.filter { installer.isPresent($0.key) } + taken
    setUp(made)
    settled()
    for link in made { assumeOwnAddress(of: link) }
    for link in absent where !installer.isPresent(link.key) {
      if link.missingInterface(in: interfaces) == nil { complain(of: link) }
    }
    applyReversePathFilter()
  }

  private func complain(of link: PlacedLink) {
    installer.retry.complain("(\(link.instance)): Unable to create \(link.text)")
  }

  /// Links of the names that were asked for, and that are something else.
  private func removeObstacles(_ plan: VirtualLinkPlan) {
    let obstacles = plan.obstacles.compactMap { interfaces[$0].link }
    _ = edge.perform(
      obstacles.map { link in
        .remove(
          .link(
            VirtualLink(
              index: link.index, name: link.name, kind: .ipvlan(.bridge), parent: link.base)))
      })
    _ = edge.perform(
      plan.readdressed.compactMap { number, address in
        guard let link = interfaces[number].link else { return nil }
        var settings = LinkSettings(link.index)
        settings.address = address
        return .set(settings)
      })
  }

  /// All go: the end.
  func release() {
    settings.filterReversePathsAsBefore()
    takeDown(wanted)
    wanted = []
  }

  private func takeDown(_ gone: [PlacedLink]) {
    let there = gone.filter { installer.isPresent($0.key) && interfaces[$0.number].link != nil }
    let goes = Set(gone.map(\.number))
    let kept = wanted.filter { !goes.contains($0.number) }
    _ = edge.perform(
      Set(gone.compactMap(silentBase)).subtracting(kept.compactMap(silentBase))
        .sorted { $0.rawValue < $1.rawValue }
        .compactMap(settings.unsilence(parent:)).map(NetworkChange.set))
    observer?.virtualLinksGo(there.map(report))
    removeTogether(there)
    installer.release(gone, by: owner)
    for link in there {
      addresses.forget(link.number)
      log.detail("(\(link.instance)) Success removing \(link.text)")
    }
    for link in gone { forget(link) }
    announceParents(of: there)
  }

  /// Each removal alone takes the kernel some milliseconds, all of them as long as one: they are
  /// put into a group that nobody else has, and the group is removed. What that leaves is removed
  /// alone.
  private func removeTogether(_ links: [PlacedLink]) {
    guard links.count > 1 else { return }
    let used = Set(interfaces.entries.compactMap { $0.link?.group })
    let group = UInt32.random(in: 0x4000_0000...0x7fff_ffff)
    if used.contains(group) { return }
    let grouping = links.map { link in
      var settings = LinkSettings(interfaces[link.number].index)
      settings.group = group
      return NetworkChange.set(settings)
    }
    let isGrouped = edge.perform(grouping).map { $0 == nil }
    guard edge.perform([.removeLinks(group: group)]) == [nil] else { return }
    installer.noteRemoval(of: zip(links, isGrouped).filter(\.1).map(\.0.key))
  }

  private func forget(_ link: PlacedLink) {
    interfaces[link.number].parent = nil
    waiting.remove(link.number)
    lost.remove(link.number)
  }

  private var hasIPv4Macvlans: Bool {
    wanted.contains { $0.isMacvlan && $0.family == .ipv4 && installer.isPresent($0.key) }
  }

  private func applyReversePathFilter() {
    if !hasIPv4Macvlans { settings.filterReversePathsAsBefore() }
  }

  /// Tries what the kernel refused before, without waiting.
  func retryNow() { installer.retry.timerFired(token: 0, at: Clock.now) }

  // MARK: A link has come

  /// What a new link needs, in the order in which the kernel must be told.
  private func setUp(_ new: [PlacedLink]) {
    if new.isEmpty { return }
    for link in edge.interfaces(named: new.map(\.name)) { interfaces.update(link) }
    let links = new.filter { interfaces[$0.number].link != nil }
    if hasIPv4Macvlans { settings.filterReversePathsSingly() }
    _ = edge.perform(links.compactMap(ownSettings) + parentSettings(links))
    observer?.virtualLinksCame(links.map(report))
    for link in links { allowIPv6(on: link) }
    _ = edge.perform(links.filter(\.isMacvlan).map(withoutAutomaticAddress))
    switchOn(links)
    addOwnAddresses(links)
    announceParents(of: links)
  }

  private func ownSettings(_ link: PlacedLink) -> NetworkChange? {
    guard link.isMacvlan else { return nil }
    var settings = LinkSettings(interfaces[link.number].index)
    settings.ipv4.arpIgnore = 1
    if link.family == .ipv4 {
      settings.ipv4.acceptLocal = 1
      settings.ipv4.rpFilter = 0
      settings.ipv4.promoteSecondaries = 1
    }
    return .set(settings)
  }

  private func parentSettings(_ links: [PlacedLink]) -> [NetworkChange] {
    links.compactMap { link in
      silentBase(of: link).flatMap(settings.silence(parent:)).map(NetworkChange.set)
    }
  }

  /// Who must not answer for the addresses on a link: the interface that the kernel has put it on,
  /// if that is in this network namespace.
  private func silentBase(of link: PlacedLink) -> InterfaceIndex? {
    guard link.isMacvlan, link.family == .ipv4 else { return nil }
    let base = interfaces.base(of: link.number)
    return base == link.number ? nil : base
  }

  private func allowIPv6(on link: PlacedLink) {
    let setting = NetworkSetting.ipv6("disable_ipv6", interface: link.name)
    try? edge.set(setting, to: link.families.contains(.ipv6) ? "0" : "1")
  }

  private func withoutAutomaticAddress(_ link: PlacedLink) -> NetworkChange {
    var settings = LinkSettings(interfaces[link.number].index)
    settings.generatesNoAddress = true
    return .set(settings)
  }

  private func switchOn(_ links: [PlacedLink]) {
    let changes = links.map { link in
      var settings = LinkSettings(interfaces[link.number].index)
      settings.isUp = true
      return NetworkChange.set(settings)
    }
    for (link, error) in zip(links, edge.perform(changes)) {
      switch error {
      case nil:
        waiting.remove(link.number)
        log.detail("(\(link.instance)): Success creating \(link.text)")
      // As soon as its parent is.
      case .networkDown: waiting.insert(link.number)
      case .some(let error):
        installer.retry.complain(
          "Netlink: error: \(error)(\(error.rawValue)), type=RTM_NEWLINK(16), \(link.text)")
        complain(of: link)
        observer?.virtualLinksGo([report(link)])
        installer.refuse(link)
      }
    }
  }

  private func addOwnAddresses(_ links: [PlacedLink]) {
    _ = edge.perform(
      links.compactMap { link in
        guard installer.isPresent(link.key) else { return nil }
        return ownAddress(of: link).map { .add(.address($0)) }
      })
  }

  /// The kernel tells of it in a moment; nobody is to wait for that.
  private func assumeOwnAddress(of link: PlacedLink) {
    guard isOurs(link.number), let address = ownAddress(of: link)?.address,
      !interfaces[link.number].addresses.contains(address)
    else { return }
    interfaces.addAddress(address, to: link.number)
    log.detail("Assigned address \(address) for interface \(link.name)")
  }

  private func ownAddress(of link: PlacedLink) -> AddressAssignment? {
    let index = interfaces[link.number].index
    switch link.ownAddress {
    case .none: return nil
    case .configured(let address, let prefixLength):
      return AddressAssignment(
        interface: index, address: address, prefixLength: prefixLength, scope: 0, broadcast: nil,
        label: "", peer: nil, flags: address.family == .ipv6 ? [.noDuplicateDetection] : [],
        preferredLifetime: nil, origin: link.origin)
    case .linkLocal(let configured):
      let parent = interfaces[link.parent]
      guard
        let address = configured.map(IPAddress.ipv6) ?? parent.address(.ipv6)
          ?? parent.link?.address.map({ .ipv6(.linkLocal($0)) })
      else { return nil }
      return AddressAssignment(
        interface: index, address: address, prefixLength: 64, scope: 0, broadcast: nil, label: "",
        peer: nil, flags: [.noDuplicateDetection], preferredLifetime: 0, origin: link.origin)
    }
  }

  private func announceParents(of links: [PlacedLink]) {
    let parents = Set(links.filter(\.announcesParent).map(\.parent))
    _ = edge.perform(
      parents.sorted { $0.rawValue < $1.rawValue }.compactMap { parent in
        guard let link = interfaces[parent].link else { return nil }
        var settings = LinkSettings(link.index)
        settings.group = link.group
        return .set(settings)
      })
  }

  private func report(_ link: PlacedLink) -> VirtualLinkReport {
    // Over another macvlan the kernel puts it on the interface below.
    let base = interfaces.base(of: link.number)
    return VirtualLinkReport(
      name: link.name, families: link.families, isFiltered: link.isFiltered,
      index: interfaces[link.number].index,
      parentIndex: interfaces[base == link.number ? link.parent : base].index,
      parentLinkLocal: interfaces[link.parent].address(.ipv6))
  }

  // MARK: What others do

  /// A link is gone, or about to be forgotten under its name.
  func linkGoes(_ number: InterfaceIndex, isRenamed: Bool) {
    parentGoes(number)
    guard let link = wanted.first(where: { $0.number == number }) else {
      // Ours that nobody wants any more: its report was expected.
      _ = installer.removalReported(number, isEcho: false)
      return
    }
    waiting.remove(number)
    if isRenamed {
      // It keeps the hardware address that its successor needs.
      guard installer.isPresent(number) else { return }
      observer?.virtualLinksGo([report(link)])
      installer.withdrawDisplaced(number)
      lost.insert(number)
      return
    }
    let report = report(link)
    if installer.removalReported(number, isEcho: false) == .lost {
      observer?.virtualLinksGo([report])
      lost.insert(number)
      adopted.remove(number)
    }
  }

  private func parentGoes(_ number: InterfaceIndex) {
    settings.forget(parent: number)
    let links = wanted.filter { $0.parent == number && isOurs($0.number) }
    if links.isEmpty { return }
    observer?.virtualLinksGo(links.map(report))
    // The kernel removes them with it, and says so before or after.
    installer.forget(number)
  }

  /// Makes anew what somebody took, where its parent is still there.
  func mend() {
    if lost.isEmpty { return }
    let keys = lost.filter { number in
      wanted.contains { $0.number == number && $0.missingInterface(in: interfaces) == nil }
    }
    lost = []
    installer.restore { keys.contains($0.number) }
  }

  /// An interface is there, or there again.
  func interfaceCame(_ number: InterfaceIndex) {
    guard wanted.contains(where: { $0.parent == number && !installer.isPresent($0.key) })
    else { return }
    installer.restore(on: number)
  }

  /// An interface went up: what stands on it is switched on, and has its address back before
  /// anybody hears of it.
  func interfaceIsUp(_ number: InterfaceIndex) {
    let ready = wanted.filter { $0.parent == number && waiting.contains($0.number) }
    if !ready.isEmpty {
      switchOn(ready)
      addOwnAddresses(ready)
    }
    guard let link = wanted.first(where: { $0.number == number }), isOurs(number),
      case .linkLocal = link.ownAddress, interfaces[number].address(.ipv6) == nil
    else { return }
    addOwnAddresses([link])
  }

  /// An interface has entered or left a VRF: what stands on it follows.
  func controllerChanged(of number: InterfaceIndex) {
    let vrf = interfaces.vrf(of: number)
    _ = edge.perform(
      wanted.compactMap { link in
        guard link.parent == number, installer.isPresent(link.key),
          let there = interfaces[link.number].link, there.controller != vrf
        else { return nil }
        var settings = LinkSettings(there.index)
        settings.controller = vrf
        return .set(settings)
      })
  }
}
