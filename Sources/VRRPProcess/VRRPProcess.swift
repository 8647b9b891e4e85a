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
package import SystemIO
import VRRP

/// The VRRP child: owns the loop, hands events to the protocol core and carries out its effects.
///
/// All that happens goes the same way: a descriptor, a timer or a signal becomes a call of the
/// core, the core appends effects, and `perform` carries them out in order (VRRPProcess+Effects).
package final class VRRPProcess {
  let context: ChildContext
  let frame: ProcessFrame
  let loop: EventLoop
  let log: Log
  let table = InterfaceTable()
  let channel: NetlinkChannel
  let monitor: NetlinkMonitor
  let installer: AddressInstaller
  let notifier: Notifier
  let gratuitous: GratuitousSender
  let kernelSettings: KernelSettings

  var core: VirtualRouters
  var routers: [MappedRouter] = []
  var groups: [ConfiguredGroup] = []
  /// The routers of the configuration before, while a reload replaces it.
  var oldRouters: [MappedRouter] = []
  let effects = EffectQueue<Effect>()
  var timers: [EventLoop.Timer] = []
  private(set) lazy var processTimer = loop.makeTimer(self, token: Self.processToken)
  var staticAddresses: [AddressInstaller.Placed] = []
  /// Addresses that are never the source of adverts.
  var virtualAddresses: Set<IPAddress> = []
  var memberOfRouter: [SocketPool.Member?] = []
  var receiveTables: [ReceiveTable] = []
  var lastSendError: [Errno?] = []
  var pendingChanges: [InterfaceIndex: (isUp: Bool, alarm: Alarm)] = [:]
  var isStopping = false
  var hasNetlinkToDrain = false

  private(set) lazy var sockets = SocketPool(
    loop: loop, log: log, largestDatagram: 1500,
    received: { [unowned self] in received(on: $0, $1, $2) })
  private(set) lazy var trackedScripts = TrackedScripts(
    loop: loop, log: log, runner: frame.scripts,
    changed: { [unowned self] number, status in
      trackerChanged(TrackerID(.script, UInt32(number)), status)
    })
  private(set) lazy var syncDaemon = SyncDaemonControl(log: log) {
    [unowned self] () throws(IPVSChannel.Failure) in
    let file = context.configuration.global.netNamespaceIPVS.file
    let channel = try IPVSChannel(namespaceFile: file)
    return { channel.perform($0) }
  }
  private(set) var polling: LinkPolling?
  private(set) lazy var trackedSessions = TrackedSessions(
    context.sessions, log: log,
    changed: { [unowned self] number, status in sessionChanged(number, status) })
  private(set) lazy var trackedFiles = TrackedFiles(
    loop: loop, log: log,
    changed: { [unowned self] number, value in
      trackerChanged(TrackerID(.file, UInt32(number)), .value(value))
    })

  /// Runs the child; its exit status.
  package static func run(_ context: ChildContext) -> Int32 {
    ChildFrame.run(.vrrp, context) { frame throws(StartFailure) in
      do throws(Errno) { return try VRRPProcess(frame) } catch { throw StartFailure(error) }
    }
  }

  private init(_ frame: ChildFrame) throws(Errno) {
    context = frame.context
    self.frame = frame.frame
    log = context.log
    loop = frame.frame.loop
    let globals = context.configuration.global.vrrp
    let command = globals.netlinkCmdRcvBufs
    let reflector = globals.netlinkMonitorRcvBufs
    log.detail("Registering Kernel netlink reflector")
    monitor = try NetlinkMonitor(
      groups: InterfaceEvent.groups, receiveBuffer: Int32(clamping: reflector.bytes),
      force: reflector.force)
    log.detail("Registering Kernel netlink command channel")
    channel = try NetlinkChannel(
      receiveBuffer: Int32(clamping: command.bytes), force: command.force)
    installer = AddressInstaller(
      channel: channel, interfaces: table, origin: AddressOrigin.number, log: log)
    notifier = Notifier(log: log, scripts: self.frame.scripts)
    gratuitous = try GratuitousSender(interfaces: table, log: log)
    kernelSettings = KernelSettings(log: log)
    core = VirtualRouters(
      routers: [], groups: [], options: ProtocolOptions(), authenticator: NoAuthenticator())
  }

  // MARK: Start

  private func begin() throws(Errno) {
    try readInterfaces()
    let configuration = context.configuration
    trackedScripts.replace(configuration.vrrp.scripts, isReload: false)
    trackedFiles.start(configuration.vrrp.trackFiles, isFirstStart: true)
    trackedSessions.replace(configuration.vrrp.bfdInstances.map(\.name))
    try startPolling()
    let mapped = map(configuration)
    install(mapped)
    logAddresses()
    if configuration.global.vrrp.disableLocalIGMP { kernelSettings.disableLocalIGMP() }
    removeLeftovers()
    core = VirtualRouters(
      routers: routers.map(\.router), groups: mapped.protocolGroups,
      options: options(mapped, configuration.global), authenticator: LazyAuthenticator(log: log))
    notifier.fifos.open(configuration.global.scripts, runsGlobalReader: !context.hasChecker)
    installer.add(staticAddresses)
    openSockets()
    let now = Clock.now
    core.start(at: now, into: &effects.pending)
    perform()
    applySyncDaemon()
    trackedScripts.start(at: now)
    _ = try loop.watch(monitor.descriptor, self)
    if !routers.isEmpty { try trackedSessions.listen(on: loop) }
  }

  private func startPolling() throws(Errno) {
    polling = try LinkPolling(loop: loop, log: log, interfaces: table) {
      [unowned self] number, isUp in
      linkPolled(number, isUp: isUp)
    }
    polling?.replace(context.configuration)
  }

  /// Makes the routers of a configuration; its addresses are virtual from now on.
  func map(_ configuration: Configuration) -> MappedConfiguration {
    for instance in configuration.vrrp.instances {
      for line in instance.virtualAddresses + instance.excludedAddresses {
        virtualAddresses.insert(line.address)
      }
    }
    forgetVirtualSources()
    for delay in configuration.vrrp.upDownDelays {
      let number = table.number(named: delay.interface)
      table[number].downDelay = delay.down
      table[number].upDelay = delay.up
    }
    return MappedConfiguration(configuration, interfaces: table) { [unowned self] in
      status($0)
    }
  }

  /// Everything that goes by the index of a router is made anew.
  func install(_ mapped: MappedConfiguration) {
    routers = mapped.routers
    groups = mapped.groups
    staticAddresses = mapped.staticAddresses
    for router in routers where router.instance.promoteSecondaries {
      router.instance.interface.map(kernelSettings.promoteSecondaries)
    }
    lastSendError = Array(repeating: nil, count: routers.count)
    memberOfRouter = Array(repeating: nil, count: routers.count)
    // Two for its sockets, and two for each of its scripts that run at the same time.
    Resources.raiseDescriptorLimit(to: UInt(8 * routers.count + 64))
    for timer in timers { loop.discard(timer) }
    timers = routers.indices.map { loop.makeTimer(self, token: $0) }
    loop.disarm(processTimer)
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
      table[InterfaceIndex(rawValue: tracker.number)].isUp ? .up : .down
    case .script: trackedScripts.status(Int(tracker.number))
    case .file: .value(trackedFiles.value(Int(tracker.number)))
    case .bfd: trackedSessions.status(Int(tracker.number))
    case .process: .up
    }
  }

  /// What a predecessor that crashed may have left behind.
  private func removeLeftovers() {
    for router in routers {
      if !router.addresses.isEmpty { log.detail("(\(router.instance.name)) removing VIPs.") }
      installer.remove(router.addresses + router.excludedAddresses, byForce: true)
    }
  }

  // MARK: Timers

  static let processToken = -1
}

extension VRRPProcess: Child {
  package var interfaces: [NetworkInterface] { table.entries.compactMap(\.link) }

  package func start() throws(StartFailure) {
    do throws(Errno) { try begin() } catch { throw StartFailure(error) }
  }

  package func cleanUp() {
    notifier.fifos.close()
    kernelSettings.restore()
  }

  package func wokeLate(by lateness: Microseconds) {
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

extension VRRPProcess: ReadinessHandler {
  /// The netlink monitor has something to say.
  package func ready(_ readiness: Readiness, token: Int) { drainNetlink() }
}
