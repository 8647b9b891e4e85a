package import ProcessFrame
import Configuration
import ConfigurationSyntax
import EventLoop
import Host
import IPVS
import Kernel
import Logging
import Notification
import Primitives
import SystemIO
import VRRP

/// The VRRP child: owns the loop, hands events to the protocol core and carries out its effects.
///
/// All that happens goes the same way: a descriptor, a timer or a signal becomes a call of the
/// core, the core appends effects, and `perform` carries them out in order (VRRPProcess+Effects).
package final class VRRPProcess {
  let context: ChildContext
  let loop: EventLoop
  let log: Log
  let interfaces = InterfaceTable()
  let channel: NetlinkChannel
  let monitor: NetlinkMonitor
  let installer: AddressInstaller
  let scriptRunner: ScriptRunner
  let notifier: Notifier
  let gratuitous: GratuitousSender
  let kernelSettings: KernelSettings
  let parent = Processes.parent

  var core: VirtualRouters
  var routers: [MappedRouter] = []
  var groups: [ConfiguredGroup] = []
  /// The routers of the configuration before, while a reload replaces it.
  var oldRouters: [MappedRouter] = []
  var effects: [Effect] = []
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
  private(set) var autoPriority: AutoPriority?
  var isPerforming = false
  var hasNetlinkToDrain = false
  private var exit = ChildExit.normal

  private(set) lazy var sockets = SocketPool(
    loop: loop, log: log, largestDatagram: 1500,
    received: { [unowned self] in received(on: $0, $1, $2) })
  private(set) lazy var trackedScripts = TrackedScripts(
    loop: loop, log: log, runner: scriptRunner,
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
    if let refusal = context.outcome.refusals.first(where: { $0.view == .vrrp }) {
      if refusal.reason == .missingInterface {
        context.log.info("Non-existent interface specified in configuration")
      }
      return refusal.exitStatus
    }
    do throws(Errno) {
      let process = try VRRPProcess(context)
      return try process.run()
    } catch {
      context.log.error("The VRRP process cannot run - \(error)")
      return
        (error == .permission || error == .access ? ChildExit.permission : ChildExit.fatal).rawValue
    }
  }

  private init(_ context: ChildContext) throws(Errno) {
    self.context = context
    log = context.log
    loop = try EventLoop()
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
      channel: channel, interfaces: interfaces, origin: AddressOrigin.number, log: log)
    scriptRunner = ScriptRunner(loop: loop, log: log, limits: context.limits)
    notifier = Notifier(log: log, scripts: scriptRunner)
    gratuitous = try GratuitousSender(interfaces: interfaces, log: log)
    kernelSettings = KernelSettings(log: log)
    core = VirtualRouters(
      routers: [], groups: [], options: ProtocolOptions(), authenticator: NoAuthenticator())
  }

  private func run() throws(Errno) -> Int32 {
    guard writePidFile() else { return ChildExit.normal.rawValue }
    let signals = try watchSignals()
    loop.lateness = context.configuration.global.minAutoPriorityDelay
    loop.wokeLate = { [unowned self] in wokeLate(by: $0) }
    try readInterfaces()
    try start()
    _ = try loop.watch(monitor.descriptor, self)
    if !routers.isEmpty { try trackedSessions.listen(on: loop) }
    let global = context.configuration.global
    ChildScheduling.apply(global.vrrpProcess, name: "VRRP", log: log)
    autoPriority = AutoPriority(global, global.vrrpProcess, log: log)
    // Two for its sockets, and two for each of its scripts that run at the same time.
    Resources.raiseDescriptorLimit(to: UInt(8 * routers.count + 64))
    context.acknowledge()
    releaseStartupMemory()
    try loop.run()
    withExtendedLifetime(signals) {}
    context.removePidFile()
    log.info("Stopped")
    return exit.rawValue
  }

  /// Now, and once more when the first elections and their announcements are over.
  func releaseStartupMemory() {
    Memory.releaseStartup()
    loop.after(.seconds(15)) { Memory.releaseStartup() }
  }

  private func writePidFile() -> Bool {
    do throws(PidFile.Failure) {
      try context.writePidFile()
      return true
    } catch {
      log.info("VRRP child process: cannot write pidfile")
      return false
    }
  }

  private func watchSignals() throws(Errno) -> SignalWatch {
    var handled = [
      Signal.hangUp, Signal.terminate, Signal.user1, Signal.user2, Signal.clearStatistics,
      Signal.json, Signal.processorTime,
    ]
    if !context.options.ignoresInterrupt { handled.append(Signal.interrupt) }
    return try SignalWatch(handled, on: loop) { [unowned self] in signalled($0) }
  }

  private func signalled(_ number: Int32) {
    switch number {
    case Signal.hangUp: reload()
    case Signal.terminate, Signal.interrupt: stop()
    case Signal.processorTime:
      log.info(
        "VRRP process has used too much CPU time, vrrp_rlimit_rttime may need to be increased")
    // Dumps and statistics: not written yet (README).
    default: break
    }
  }

  // MARK: Start

  private func start() throws(Errno) {
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
    core.start(at: now, into: &effects)
    perform()
    applySyncDaemon()
    trackedScripts.start(at: now)
  }

  private func startPolling() throws(Errno) {
    polling = try LinkPolling(loop: loop, log: log, interfaces: interfaces) {
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
      let number = interfaces.number(named: delay.interface)
      interfaces[number].downDelay = delay.down
      interfaces[number].upDelay = delay.up
    }
    return MappedConfiguration(configuration, interfaces: interfaces) { [unowned self] in
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
      interfaces[InterfaceIndex(rawValue: tracker.number)].isUp ? .up : .down
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

  private func wokeLate(by lateness: Microseconds) {
    log.info(Lateness.text(lateness))
    autoPriority?.wokeLate()
    core.wokeLate(by: lateness, at: loop.now, into: &effects)
    perform()
  }
}

extension VRRPProcess: TimerHandler {
  func timerFired(token: Int, at now: Instant) {
    if token == Self.processToken {
      core.processTimerFired(at: now, into: &effects)
    } else {
      core.timerFired(router: RouterIndex(rawValue: token), at: now, into: &effects)
    }
    perform()
  }
}

extension VRRPProcess: ReadinessHandler {
  /// The netlink monitor has something to say.
  func ready(_ readiness: Readiness, token: Int) { drainNetlink() }
}
