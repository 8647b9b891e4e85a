import Configuration
import EventLoop
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO
import VRRP

/// Links and addresses as they change.
extension VRRPProcess {
  /// All there is, at the start.
  func readInterfaces() throws(Errno) {
    for link in try channel.interfaces() {
      let (number, _) = table.update(link)
      table[number].isUp = link.isUp
      table[number].hasBeenUp = link.isUp
    }
    for family in [AddressFamily.ipv4, .ipv6] {
      for address in try channel.addresses(family) where !address.isTentative {
        guard let number = table.number(kernelIndex: address.interface) else { continue }
        table.addAddress(address.address, to: number)
      }
    }
  }

  /// Virtual addresses that a predecessor left on an interface are no source of adverts.
  func forgetVirtualSources() {
    for index in table.entries.indices {
      let number = InterfaceIndex(rawValue: UInt32(index + 1))
      table[number].addresses.removeAll { virtualAddresses.contains($0) }
    }
  }

  /// Logs, at the start, what later changes are logged against.
  func logAddresses() {
    if !log.isDetailed { return }
    for entry in table.entries {
      let number = table.number(named: entry.name)
      guard routers.contains(where: { $0.interface == number }) else { continue }
      for address in entry.addresses {
        log.detail("Assigned address \(address) for interface \(entry.name)")
      }
    }
  }

  /// Reads what the monitor has; a bounded number of datagrams a turn.
  func drainNetlink() {
    for _ in 0..<256 {
      do throws(NetlinkMonitor.Failure) {
        guard let messages = try monitor.receive() else { break }
        for message in messages {
          guard let event = InterfaceEvent(message) else { continue }
          handle(event, isEcho: message.sender == channel.port)
        }
      } catch {
        switch error {
        case .overrun: resynchronize()
        case .failed(let error):
          log.info("Netlink: error receiving on monitor socket - \(error)")
          return
        }
      }
    }
    perform()
  }

  /// `isEcho`: a request of our own caused it.
  private func handle(_ event: InterfaceEvent, isEcho: Bool) {
    switch event {
    case .link(let link): linkChanged(link)
    case .linkDeleted(let link):
      if let number = table.number(kernelIndex: link.index) { linkDeleted(number) }
    case .address(let address): addressAdded(address)
    case .addressDeleted(let address): addressDeleted(address, isEcho: isEcho)
    }
  }

  // MARK: Links

  private func linkChanged(_ link: NetworkInterface) {
    if let number = table.number(kernelIndex: link.index),
      table.name(number) != link.name
    {
      log.info("Interface name has changed from \(table.name(number)) to \(link.name)")
      linkDeleted(number)
    }
    let (number, before) = table.update(link)
    if before == nil || before?.index != link.index {
      log.detail("Interface \(link.name) added")
      openSockets()
    } else if let before, before.mtu < link.mtu {
      sockets.growBuffers(to: Int(min(link.mtu, 65535)))
    }
    if polling?.isPolled(number) == true { return }
    consider(number, isUp: link.isUp, flags: [before?.flags ?? 0, link.flags])
  }

  /// A poll has asked for the link.
  func linkPolled(_ number: InterfaceIndex, isUp: Bool) {
    let flags = table[number].link?.flags ?? 0
    consider(number, isUp: isUp, flags: [flags, flags])
    perform()
  }

  private func linkDeleted(_ number: InterfaceIndex) {
    let entry = table[number]
    log.info("Interface \(entry.name) deleted")
    pendingChanges.removeValue(forKey: number)?.alarm.cancel()
    if entry.isUp { change(number, isUp: false) }
    installer.forget(entry.index)
    let families = Set(entry.addresses.map(\.family))
    table.remove(number)
    for family in families { sourceChanged(number, family) }
    openSockets()
  }

  /// Takes a change of the link over at once, or after the interface's delay.
  private func consider(_ number: InterfaceIndex, isUp: Bool, flags: [UInt32]) {
    let entry = table[number]
    if let pending = pendingChanges[number] {
      if pending.isUp == isUp { return }
      pending.alarm.cancel()
      pendingChanges[number] = nil
      log.info("Delay timer for \(entry.name) cancelled")
    }
    if entry.isUp == isUp { return }
    let delay = isUp ? entry.upDelay : entry.downDelay
    guard delay > .zero, entry.hasBeenUp else {
      change(number, isUp: isUp)
      return
    }
    let flags = flags.map { String($0, radix: 16) }
    log.info(
      "\(entry.name): Adding flags change from 0x\(flags[0]) to 0x\(flags[1])"
        + " delay by \(delay.count)"
    )
    let alarm = loop.after(delay) { [unowned self] in
      pendingChanges[number] = nil
      change(number, isUp: isUp)
      perform()
    }
    pendingChanges[number] = (isUp, alarm)
  }

  private func change(_ number: InterfaceIndex, isUp: Bool) {
    table[number].isUp = isUp
    if isUp { table[number].hasBeenUp = true }
    let tracker = TrackerID(.interface, number.rawValue)
    if routers.contains(where: { $0.router.trackings.contains { $0.tracker == tracker } }) {
      let reporter = polling?.isPolled(number) == true ? "Linkbeat" : "Netlink"
      log.info("\(reporter) reports \(table.name(number)) \(isUp ? "up" : "down")")
    }
    core.trackerChanged(tracker, isUp ? .up : .down, at: Clock.now, into: &effects.pending)
    if isUp { restoreStaticAddresses(on: number) }
  }

  func limitDebounce(_ mapped: MappedRouter, _ longest: Microseconds) {
    for tracking in mapped.router.trackings where tracking.tracker.kind == .interface {
      let number = InterfaceIndex(rawValue: tracking.tracker.number)
      table[number].downDelay = min(table[number].downDelay, longest)
      table[number].upDelay = min(table[number].upDelay, longest)
    }
  }

  // MARK: Addresses

  private func addressAdded(_ address: InterfaceAddress) {
    guard !address.isTentative, !virtualAddresses.contains(address.address),
      let number = table.number(kernelIndex: address.interface)
    else { return }
    let family = address.address.family
    let before = table[number].address(family)
    let count = table[number].addresses.count
    table.addAddress(address.address, to: number)
    if table[number].addresses.count > count {
      log.detail("Assigned address \(address.address) for interface \(table.name(number))")
    }
    if table[number].address(family) != before { sourceChanged(number, family) }
  }

  private func addressDeleted(_ address: InterfaceAddress, isEcho: Bool) {
    guard let number = table.number(kernelIndex: address.interface) else { return }
    if installer.removalReported(address) {
      if isEcho { restore(address, number) } else { addressLost(address, number) }
    }
    let family = address.address.family
    let before = table[number].address(family)
    guard table[number].addresses.contains(address.address) else { return }
    log.detail("Deassigned address \(address.address) from interface \(table.name(number))")
    table.removeAddress(address.address, from: number)
    if table[number].address(family) != before { sourceChanged(number, family) }
  }

  private func sourceChanged(_ number: InterfaceIndex, _ family: AddressFamily) {
    let address = table[number].address(family)
    for (index, mapped) in routers.enumerated()
    where mapped.interface == number && mapped.router.family == family {
      core.handle(
        .sourceAddressChanged(address), router: RouterIndex(rawValue: index), at: Clock.now,
        into: &effects.pending)
    }
    // Unicast sockets are bound to their source; a last farewell leaves by the old one.
    guard routers.contains(where: { $0.interface == number && $0.router.isUnicast }) else { return }
    perform()
    openSockets()
  }

  /// A primary address that we removed took this secondary one along, which is to stay.
  private func restore(_ address: InterfaceAddress, _ number: InterfaceIndex) {
    var wanted = isStopping ? [] : staticAddresses
    for (index, mapped) in routers.enumerated() where core.routers[index].holdsAddresses {
      wanted += mapped.addresses + mapped.excludedAddresses
    }
    if let placed = wanted.first(where: { holds($0, address, number) }) { installer.add([placed]) }
  }

  /// Somebody else removed an address that we had set.
  private func addressLost(_ address: InterfaceAddress, _ number: InterfaceIndex) {
    if let placed = staticAddresses.first(where: { holds($0, address, number) }) {
      if placed.line.noTrack || isStopping { return }
      log.info(
        "Restoring deleted static address \(address.address)/\(address.prefixLength)"
          + " dev \(table.name(number))"
      )
      installer.add([placed])
      return
    }
    for (index, mapped) in routers.enumerated() {
      guard let reference = reference(of: address, number, in: mapped) else { continue }
      core.handle(
        .addressRemoved(reference), router: RouterIndex(rawValue: index), at: Clock.now,
        into: &effects.pending)
    }
  }

  private func holds(
    _ placed: AddressInstaller.Placed, _ address: InterfaceAddress, _ number: InterfaceIndex
  ) -> Bool {
    placed.interface == number && placed.line.address == address.address
      && placed.line.prefixLength == address.prefixLength
  }

  private func reference(
    of address: InterfaceAddress, _ number: InterfaceIndex, in mapped: MappedRouter
  ) -> AddressReference? {
    if let place = mapped.addresses.firstIndex(where: { holds($0, address, number) }) {
      return mapped.addresses[place].line.noTrack ? nil : .virtual(place)
    }
    if let place = mapped.excludedAddresses.firstIndex(where: { holds($0, address, number) }) {
      return mapped.excludedAddresses[place].line.noTrack ? nil : .excluded(place)
    }
    return nil
  }

  private func restoreStaticAddresses(on number: InterfaceIndex) {
    let missing = staticAddresses.filter {
      $0.interface == number && !$0.line.noTrack && !installer.isInstalled($0)
    }
    for placed in missing {
      log.info(
        "Restoring deleted static address \(placed.line.address)/\(placed.line.prefixLength)"
          + " dev \(table.name(number))"
      )
    }
    installer.add(missing)
  }

  // MARK: Lost messages

  /// The kernel had more to say than the socket could hold: everything is looked at again.
  private func resynchronize() {
    log.info("Netlink: Receive buffer overrun on monitor socket")
    log.info("  - increase the relevant netlink_rcv_bufs global parameter and/or set force")
    guard let links = try? channel.interfaces() else { return }
    let present = Set(links.map(\.index))
    for entry in table.entries {
      guard let link = entry.link, !present.contains(link.index) else { continue }
      linkDeleted(table.number(named: entry.name))
    }
    for link in links { linkChanged(link) }
    var keys: Set<AddressInstaller.Key> = []
    for family in [AddressFamily.ipv4, .ipv6] {
      for address in (try? channel.addresses(family)) ?? [] {
        keys.insert(
          AddressInstaller.Key(
            interface: address.interface, address: address.address,
            prefixLength: address.prefixLength))
        addressAdded(address)
      }
    }
    for lost in installer.resynchronize(keys) {
      guard let number = table.number(kernelIndex: lost.interface) else { continue }
      addressLost(InterfaceAddress(lost), number)
    }
    forgetSources(missingFrom: keys)
  }

  private func forgetSources(missingFrom present: Set<AddressInstaller.Key>) {
    for entry in table.entries {
      guard let link = entry.link else { continue }
      let here = Set(present.filter { $0.interface == link.index }.map(\.address))
      for address in entry.addresses where !here.contains(address) {
        let number = table.number(named: entry.name)
        table.removeAddress(address, from: number)
        sourceChanged(number, address.family)
      }
    }
  }
}

extension InterfaceAddress {
  fileprivate init(_ key: AddressInstaller.Key) {
    self.init(interface: key.interface, address: key.address, prefixLength: key.prefixLength)
  }
}

extension AddressLine {
  /// What makes it another address at a reload.
  func isSameAddress(as other: AddressLine) -> Bool {
    address == other.address && prefixLength == other.prefixLength && scope == other.scope
      && label == other.label && useVMAC == other.useVMAC
  }
}
