// This target is the VRRP child: it keeps addresses, routes and rules where they belong.
//
// `VRRPProcess` hands events to the pure core (`VirtualRouters`) and carries out its effects, in
// order (+Effects). What it needs of the world has rooms of its own: `Network` is everything of one
// network namespace, with a protocol (`NetworkEdge`) where the kernel begins, so that the whole
// process runs in tests without rights; within it `Installer` has the kernel hold what is wanted,
// and knows what is there through us. `VirtualLinkPlan` says which links of their own the instances
// are to have (VMAC, ipvlan) and how they are called; `VirtualLinks` has them made, set up and
// removed. `PacketFilter` drops what nobody may send or receive. `Trackers` are the scripts, files
// and BFD sessions that routers depend on. `VRRPSubject` is what is announced, `VRRPScripts` and a
// `FIFOListener` tell it. `SyncDaemonControl` drives the daemon of IPVS by an instance's state.
//
// A `Router` is what the process has for one virtual router, under the index that the core knows it
// by; a reload makes all of them anew (`install`), and each takes over what its predecessor wanted.
// `RouterMapping` makes the core's configuration of the one that was read.
//
// Standards: RFC 3768, RFC 5798, RFC 9568 (in the core); RFC 826 and RFC 4861 for announcements.
//
// What must never happen: a MASTER without its addresses, or addresses without a MASTER (and the
// same of routes and rules); an address taken away that somebody else of us wants; an event carried
// out within another one; adverts of one instance that wait for the trouble of another.
package import ProcessFrame
import Configuration
import ConfigurationSyntax
import EventLoop
import Host
import IPVS
package import Kernel
import Logging
import Notification
package import Primitives
import SystemIO
import VRRP

/// The VRRP child: owns the loop, hands events to the protocol core and carries out its effects.
///
/// All that happens goes the same way: a descriptor, a timer or a signal becomes a call of the
/// core, the core appends effects, and `perform` carries them out in order (VRRPProcess+Effects).
package final class VRRPProcess {
  let context: ChildContext
  let frame: ProcessFrame
  let network: Network
  let fifos: NotifyFIFOs
  let announcer: Announcer<VRRPSubject>
  let effects = EffectQueue<Effect>()
  let staticAddresses: StandingObjects<PlacedAddress>
  let staticRoutes: StandingObjects<PlacedRoute>
  let staticRules: StandingObjects<PlacedRule>

  var core = VirtualRouters(
    routers: [], groups: [], options: ProtocolOptions(), authenticator: NoAuthenticator())
  /// By the index that the core knows them by.
  var routers: [Router] = []
  var groups: [Group] = []
  var duplicates = DuplicateVirtualRouters()
  /// The virtual links of the configuration.
  var linkPlan = VirtualLinkPlan()
  /// The routers of the configuration before, while a reload replaces it.
  var oldRouters: [Router] = []
  var isStopping = false
  private(set) lazy var processTimer = loop.makeTimer(self, token: Self.processToken)
  private(set) lazy var trackers = Trackers(frame, context.sessions) {
    [unowned self] in trackerChanged($0, $1)
  }
  private(set) lazy var syncDaemon = SyncDaemonControl(log: log) {
    [unowned self] () throws(IPVSChannel.Failure) in
    let file = context.configuration.global.netNamespaceIPVS.file
    let channel = try IPVSChannel(namespaceFile: file)
    return { channel.perform($0) }
  }

  /// Runs the child; its exit status.
  package static func run(_ context: ChildContext) -> Int32 {
    ChildFrame.run(.vrrp, context) { frame throws(StartFailure) in
      do throws(Errno) {
        let globals = context.configuration.global.vrrp
        return VRRPProcess(frame, try KernelNetwork(globals, log: context.log))
      } catch { throw StartFailure(error) }
    }
  }

  init(_ frame: ChildFrame, _ edge: any NetworkEdge) {
    context = frame.context
    self.frame = frame.frame
    network = Network(edge, loop: frame.frame.loop, log: context.log)
    let fifos = NotifyFIFOs(.vrrp, log: context.log, scripts: frame.frame.scripts)
    self.fifos = fifos
    announcer = Announcer([
      VRRPScripts(frame.frame.scripts), FIFOListener(fifos) { $0.fifoLine },
    ])
    staticAddresses = StandingObjects(network.addresses, network)
    staticRoutes = StandingObjects(network.routes, network)
    staticRules = StandingObjects(network.rules, network)
    network.delegate = self
    network.received = { [unowned self] in received(on: $0, $1, $2) }
    network.addresses.arrivedLate = { [unowned self] in announceLate($0) }
  }

  var loop: EventLoop { frame.loop }
  var log: Log { context.log }

  // MARK: Start

  private func begin() throws(Errno) {
    try network.read()
    let configuration = context.configuration
    trackers.replace(by: configuration, isReload: false)
    applyFilter(configuration)
    try network.apply(configuration)
    planLinks(configuration)
    removeFilterLeftovers(configuration)
    network.links.replace(by: linkPlan) { network.drainSilently() }
    var mapped = map(configuration)
    markDuplicates(&mapped)
    install(mapped)
    follow(mapped)
    logAddresses()
    // Compatibility: one socket has been both since the network was opened.
    for kind in ["ARP", "NDISC"] { log.detail("Registering gratuitous \(kind) shared channel") }
    if configuration.global.vrrp.disableLocalIGMP { network.settings.disableLocalIGMP() }
    removeLeftovers(mapped)
    core = VirtualRouters(
      routers: routers.map(\.configuration), groups: mapped.protocolGroups,
      options: options(mapped, configuration.global), authenticator: LazyAuthenticator(log: log))
    fifos.open(configuration.global.scripts, runsGlobalReader: !context.hasChecker)
    replaceStatic(by: mapped)
    network.readWays()
    openSockets()
    core.start(at: Clock.now, into: &effects.pending)
    perform()
    network.sockets.logMembers()
    applySyncDaemon()
    trackers.startScripts()
    try network.listen()
    if !routers.isEmpty { try trackers.listenToSessions(on: loop) }
  }

  func planLinks(_ configuration: Configuration) {
    linkPlan = VirtualLinkPlan(
      configuration.vrrp, configuration.global.vrrp, interfaces: network.interfaces,
      after: linkPlan, origin: AddressOrigin.number, log: log, isOurs: network.links.isOurs)
  }

  func map(_ configuration: Configuration) -> MappedConfiguration {
    MappedConfiguration(
      configuration, links: linkPlan, interfaces: network.interfaces, origin: AddressOrigin.number,
      sources: network.sources, status: { [unowned self] in status($0) })
  }

  /// Everything that goes by the index of a router is made anew. At a reload a router wants what
  /// its predecessor wanted, until it says otherwise.
  func install(_ mapped: MappedConfiguration, predecessors: [RouterIndex?] = []) {
    let old = routers
    for router in old { loop.discard(router.timer) }
    routers = mapped.routers.enumerated().map { index, router in
      let predecessor = predecessors.indices.contains(index) ? predecessors[index] : nil
      let owners = predecessor.map { old[$0.rawValue].owners } ?? RouterOwners(in: network)
      let new = Router(router, timer: loop.makeTimer(self, token: index), owners: owners)
      new.announcedState = predecessor.flatMap { old[$0.rawValue].announcedState }
      return new
    }
    let oldGroups = groups
    groups = mapped.groups.map { definition in
      let group = Group(definition)
      group.announcedState = oldGroups.first { $0.name == group.name }?.announcedState
      return group
    }
    for router in routers where router.instance.promoteSecondaries {
      router.instance.interface.map(network.settings.promoteSecondaries)
    }
    // Two for its sockets, and two for each of its scripts that run at the same time.
    Resources.raiseDescriptorLimit(to: UInt(8 * routers.count + 64))
    loop.disarm(processTimer)
  }

  /// Logs, at the start and after a reload, what later changes are logged against.
  func logAddresses() {
    if !log.isDetailed { return }
    for entry in network.interfaces.entries {
      let number = network.interfaces.number(named: entry.name)
      guard routers.contains(where: { $0.interface == number }) else { continue }
      for address in entry.addresses {
        log.detail("Assigned address \(address) for interface \(entry.name)")
      }
    }
  }

  func options(_ mapped: MappedConfiguration, _ global: GlobalDefinitions) -> ProtocolOptions {
    var options = ProtocolOptions()
    let sinceBoot = global.vrrp.delayAfterBoot - Clock.uptime
    options.startDelay = max(
      global.vrrp.startupDelay,
      global.vrrp.delayAfterBoot > .zero ? max(sinceBoot, .zero) : .zero)
    options.logUnknownVRIDs = global.vrrp.logUnknownVRIDs
    options.vrrpCheckUnicastSrc = global.vrrp.checkUnicastSrc
    options.multicastGroup = global.vrrp.mcastGroup4
    options.keepsAddressesAtStop = context.options.keepsAddressesAtStop
    options.alwaysReleasesAddresses = context.options.alwaysReleasesAddresses
    options.fifoWriteVRRPStatesOnReload = global.scripts.fifoWriteVRRPStatesOnReload
    options.limiters = mapped.limiters
    return options
  }

  func status(_ tracker: TrackerID) -> TrackerStatus {
    switch tracker.kind {
    case .interface, .baseInterface:
      network.interfaces[InterfaceIndex(rawValue: tracker.number)].isUp ? .up : .down
    case .script, .file, .bfd, .process: trackers.status(tracker)
    }
  }

  /// Loss of which routes and rules is to be heard of.
  func follow(_ mapped: MappedConfiguration) {
    let routers = mapped.routers
    network.follow(
      routers.flatMap(\.routes.inOrder) + mapped.staticRoutes,
      routers.flatMap(\.rules.inOrder) + mapped.staticRules)
  }

  /// Routes may lead over static addresses, and rules to tables with static routes.
  func replaceStatic(by mapped: MappedConfiguration) {
    staticAddresses.replace(by: mapped.staticAddresses)
    staticRoutes.replace(by: mapped.staticRoutes)
    staticRules.replace(by: mapped.staticRules)
  }

  /// What a predecessor that crashed may have left behind. The kernel refuses a rule that it has.
  private func removeLeftovers(_ mapped: MappedConfiguration) {
    network.rules.removeLeftovers(mapped.staticRules)
    for router in routers {
      removeLeftovers(of: router, isFirst: true)
      if router.configuration.usesFirewall {
        log.detail("(\(router.name)) removing firewall drop rule")
      }
    }
  }

  /// How packets are filtered from now on.
  func applyFilter(_ configuration: Configuration) {
    let filter = network.filter
    let (method, remark) = FilterPolicy.method(
      configuration.global, isNeeded: FilterPolicy.isNeeded(configuration),
      kernel: SystemName().release, iptables: { filter.edge.iptables })
    if let remark { log.info(remark) }
    filter.use(method)
    network.filter.disablesLocalIGMP = configuration.global.vrrp.disableLocalIGMP
  }

  /// Before links come, with elements of their own.
  private func removeFilterLeftovers(_ configuration: Configuration) {
    guard FilterPolicy.isNeeded(configuration) else { return }
    let usesIndexes = configuration.global.nftablesIfindex
    network.filter.writer.removeLeftovers {
      map(configuration).routers.flatMap {
        $0.filterElements(network.interfaces, usesIndexes: usesIndexes)
      }
    }
  }

  /// Only the first time the addresses are told of.
  func removeLeftovers(of router: Router, isFirst: Bool = false) {
    let mapped = router.mapped
    if !mapped.rules.inOrder.isEmpty {
      log.detail("(\(router.name)) removing Virtual Rules")
      if !router.hasCleanTables { network.rules.removeLeftovers(mapped.rules.inOrder) }
    }
    if !mapped.routes.inOrder.isEmpty {
      log.detail("(\(router.name)) removing Virtual Routes")
      if !router.hasCleanTables { network.routes.removeLeftovers(mapped.routes.inOrder) }
    }
    router.hasCleanTables = true
    let leftovers = possibleLeftovers(of: router)
    if isFirst && !leftovers.isEmpty { log.detail("(\(router.name)) removing VIPs.") }
    network.addresses.removeLeftovers(leftovers)
  }

  private func possibleLeftovers(of router: Router) -> [PlacedAddress] {
    (router.mapped.addresses + router.mapped.excludedAddresses)
      .filter { !network.links.isMade($0.interface) }
  }

  // MARK: Timers

  static let processToken = -1
}

extension VRRPProcess: Child {
  package var interfaces: [NetworkInterface] { network.interfaces.entries.compactMap(\.link) }

  package func start() throws(StartFailure) {
    do throws(Errno) { try begin() } catch { throw StartFailure(error) }
  }

  package func cleanUp() {
    fifos.close()
    // What keeps its addresses (-V) keeps the links that they are on.
    if !context.options.keepsAddressesAtStop { network.links.release() }
    // Addresses that are kept (-V) stay as unreachable as they were.
    if !context.options.keepsAddressesAtStop { network.filter.writer.finish() }
    network.settings.restore()
  }

  package func wokeLate(by lateness: Microseconds) {
    trackers.wokeLate(by: lateness)
    core.wokeLate(by: lateness, at: loop.now, into: &effects.pending)
    perform()
  }

  /// Dumps and statistics: not written yet (README).
  package func dump(_ request: DumpRequest) {}
}

extension VRRPProcess: TimerHandler {
  package func timerFired(token: Int, at now: Instant) {
    if token == Self.processToken {
      core.processTimerFired(at: now, into: &effects.pending)
    } else {
      core.timerFired(router: RouterIndex(rawValue: token), at: now, into: &effects.pending)
    }
    perform()
  }
}
