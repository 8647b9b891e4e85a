import ProcessFrame
import Configuration
import EventLoop
import IPVS
import Kernel
import Logging
import Primitives
import SystemIO
import VRRP

/// Carries out what the core decided, in order.
extension VRRPProcess {
  func perform() {
    effects.perform {
      switch $0.subject {
      case .router(let index): perform($0.action, router: index.rawValue)
      case .group(let index): perform($0.action, group: index.rawValue)
      case .process: performProcess($0.action)
      }
    } afterLast: {
      guard hasNetlinkToDrain else { return }
      hasNetlinkToDrain = false
      drainNetlink()
    }
  }

  private func perform(_ action: Effect.Action, router index: Int) {
    guard routers.indices.contains(index) else { return }
    let mapped = routers[index]
    switch action {
    case .sendAdvertisement(let stamp): send(stamp, of: index)
    case .deadline(let deadline): arm(timers[index], deadline)
    case .addAddresses:
      log.detail("(\(mapped.instance.name)) setting VIPs.")
      installer.add(mapped.addresses)
    case .addExcludedAddresses:
      if !mapped.excludedAddresses.isEmpty {
        log.detail("(\(mapped.instance.name)) setting E-VIPs.")
      }
      installer.add(mapped.excludedAddresses)
    case .removeAddresses:
      log.detail("(\(mapped.instance.name)) removing VIPs.")
      installer.remove(mapped.addresses)
    case .removeExcludedAddresses:
      if !mapped.excludedAddresses.isEmpty {
        log.detail("(\(mapped.instance.name)) removing E-VIPs.")
      }
      installer.remove(mapped.excludedAddresses)
    case .removeLeftovers:
      installer.remove(mapped.addresses + mapped.excludedAddresses, byForce: true)
    case .replaceAddresses(let old): replaceAddresses(of: old.rawValue, by: mapped)
    case .drainNetlink: hasNetlinkToDrain = true
    case .sendGratuitous(let reference): announce(reference, of: index)
    case .notify(let state, let priority):
      notifier.notify(mapped.instance, state, priority: priority.rawValue)
    case .notifyRemoved(let priority):
      notifier.notifyRemoved(mapped.instance, priority: priority.rawValue)
    case .writeState(let state, let priority):
      notifier.writeState(mapped.instance, state, priority: priority.rawValue)
    case .notifyPriority(let isMaster, let priority):
      notifier.notifyPriority(mapped.instance, isMaster: isMaster, priority: priority.rawValue)
    case .notifyLowerPriority(let priority):
      notifier.notifyLowerPriority(mapped.instance, priority: priority.rawValue)
    case .limitDebounce(let longest): limitDebounce(mapped, longest)
    case .log(let trace): write(trace, name: mapped.instance.name)
    case .startSyncDaemonMaster: syncDaemon.run(as: .master)
    case .startSyncDaemonBackup: syncDaemon.run(as: .backup)
    // Not part of the program yet: routes, rules and the firewall (README).
    case .addFirewallElements, .removeFirewallElements, .addRoutes, .removeRoutes, .addRules,
      .removeRules:
      break
    }
  }

  private func perform(_ action: Effect.Action, group index: Int) {
    guard groups.indices.contains(index) else { return }
    switch action {
    case .notify(let state, _): notifier.notify(groups[index], state)
    case .writeState(let state, _): notifier.writeState(groups[index], state)
    case .log(let trace): write(trace, name: groups[index].name)
    default: invariant(false, "an effect that a group cannot have")
    }
  }

  private func performProcess(_ action: Effect.Action) {
    switch action {
    case .deadline(let deadline): arm(processTimer, deadline)
    case .log(let trace): write(trace, name: "")
    default: invariant(false, "an effect that the process cannot have")
    }
  }

  private func arm(_ timer: EventLoop.Timer, _ deadline: Instant?) {
    if let deadline { loop.arm(timer, at: deadline) } else { loop.disarm(timer) }
  }

  private func write(_ trace: RouterTrace, name: String) {
    if trace.level == .detail && !log.isDetailed { return }
    log.info(trace.message(name) { table.name($0) })
  }

  // MARK: Packets

  private func send(_ stamp: AdvertisementStamp, of index: Int) {
    guard let socket = memberOfRouter[index]?.socket else { return }
    let router = routers[index].router
    if router.peers.isEmpty {
      transmit(stamp, of: index, to: router.multicastGroup, socket)
    } else {
      for peer in router.peers { transmit(stamp, of: index, to: peer.address, socket) }
    }
  }

  private func transmit(
    _ stamp: AdvertisementStamp, of index: Int, to destination: IPAddress,
    _ socket: AdvertisementSocket
  ) {
    let hopLimit = routers[index].router.unicastTTL
    let wall = Clock.wall
    let clock = WallClock(
      seconds: UInt32(truncatingIfNeeded: wall.seconds), nanoseconds: UInt32(wall.nanoseconds))
    let failure: Errno? = core.withAdvertisement(
      stamp, of: RouterIndex(rawValue: index), to: destination, wallClock: clock
    ) { packet in
      do throws(Errno) {
        switch (destination, stamp.source) {
        case (.ipv4(let destination), _): try socket.send(ipv4: packet, to: destination)
        case (.ipv6(let destination), .ipv6(let source)):
          try socket.send(
            ipv6: packet, to: destination, from: source,
            hopLimit: socket.endpoint.isMulticast ? nil : hopLimit)
        case (.ipv6, .ipv4): break
        }
        return nil
      } catch { return error }
    }
    report(
      failure, of: index, stamp.priority, destination, isMulticast: socket.endpoint.isMulticast)
  }

  /// Each kind of error once, until a send succeeds: ten adverts a second must not fill the log.
  private func report(
    _ error: Errno?, of index: Int, _ priority: Priority, _ destination: IPAddress,
    isMulticast: Bool
  ) {
    defer { lastSendError[index] = error }
    guard let error, error != lastSendError[index] else { return }
    if priority == .stop && error == .networkUnreachable { return }
    let name = routers[index].instance.name
    log.info(
      isMulticast
        ? "(\(name)): send advert error \(error.rawValue) (\(error))"
        : "(\(name)) Cant send advert to \(destination) (\(error))")
  }

  func received(
    on member: SocketPool.Member, _ packet: Span<UInt8>, _ envelope: DatagramBatch.Envelope
  ) {
    guard let source = envelope.source,
      let place = sockets.members.firstIndex(where: { $0 === member }),
      receiveTables.indices.contains(place)
    else { return }
    let wall = Clock.wall
    let metadata = ReceiveMetadata(
      source: source, destination: envelope.destination.map { .ipv6($0) },
      hopLimit: envelope.hopLimit,
      interface: table.number(named: member.endpoint.interfaceName))
    _ = core.receive(
      packet, from: metadata, on: receiveTables[place], at: loop.now,
      wallClock: WallClock(
        seconds: UInt32(truncatingIfNeeded: wall.seconds), nanoseconds: UInt32(wall.nanoseconds)),
      into: &effects.pending)
    perform()
  }

  private func announce(_ reference: AddressReference, of index: Int) {
    let mapped = routers[index]
    if reference == .source {
      guard let source = core.routers[index].source else { return }
      gratuitous.send(source, on: mapped.interface, at: loop.now)
    } else if let placed = mapped.placed(reference) {
      gratuitous.send(placed.line.address, on: placed.interface, at: loop.now)
    }
  }

  // MARK: Addresses

  /// A MASTER goes on after a reload: what is in both configurations is not touched.
  private func replaceAddresses(of old: Int, by new: MappedRouter) {
    guard oldRouters.indices.contains(old) else { return }
    let kept = new.addresses + new.excludedAddresses
    let gone = (oldRouters[old].addresses + oldRouters[old].excludedAddresses).filter { placed in
      !kept.contains { $0.interface == placed.interface && $0.line.isSameAddress(as: placed.line) }
    }
    for placed in gone {
      log.info(
        "(\(new.instance.name)) ip address \(placed.line.address)/\(placed.line.prefixLength)"
          + " dev \(table.name(placed.interface)), no longer exist"
      )
    }
    installer.remove(gone)
    installer.add(kept)
  }

  /// A BFD session went up or down: each router that tracks it says so.
  func sessionChanged(_ number: Int, _ status: TrackerStatus) {
    let tracker = TrackerID(.bfd, UInt32(number))
    let name = context.configuration.vrrp.bfdInstances[number].name
    for mapped in routers where mapped.router.trackings.contains(where: { $0.tracker == tracker }) {
      let state = status == .up ? "UP" : "DOWN"
      log.info(
        "VRRP_Instance(\(mapped.instance.name)) Tracked BFD instance \(name) is \(state)")
    }
    trackerChanged(tracker, status)
  }

  func trackerChanged(_ tracker: TrackerID, _ status: TrackerStatus) {
    core.trackerChanged(tracker, status, at: Clock.now, into: &effects.pending)
    perform()
  }
}
