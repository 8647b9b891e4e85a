import EventLoop
import Kernel
import Logging
import Primitives
import SystemIO

/// Links and addresses as they change.
extension Network: ReadinessHandler {
  func ready(_ readiness: Readiness, token: Int) { drain() }

  /// Reads what was reported; a bounded number of datagrams a turn.
  func drain() {
    for _ in 0..<256 {
      do throws(NetlinkMonitor.Failure) {
        guard let reports = try edge.report() else { break }
        for report in reports { handle(report) }
      } catch {
        switch error {
        case .overrun: resynchronize()
        case .failed(let error):
          log.info("Netlink: error receiving on monitor socket - \(error)")
          return
        }
      }
    }
    delegate?.networkSettled()
  }

  func drainIfAsked() {
    guard isDrainAsked else { return }
    isDrainAsked = false
    drain()
  }

  private func handle(_ report: NetworkReport) {
    switch report.event {
    case .link(let link): linkChanged(link)
    case .linkDeleted(let link):
      if let number = interfaces.number(kernelIndex: link.index) { linkDeleted(number) }
    case .address(let address): addressAdded(address)
    case .addressDeleted(let address): addressDeleted(address, isEcho: report.isEcho)
    }
  }

  // MARK: Links

  private func linkChanged(_ link: NetworkInterface) {
    if let number = interfaces.number(kernelIndex: link.index),
      interfaces.name(number) != link.name
    {
      log.info("Interface name has changed from \(interfaces.name(number)) to \(link.name)")
      linkDeleted(number, isRenamed: true)
    }
    let (number, before) = interfaces.update(link)
    if before == nil || before?.index != link.index {
      log.detail("Interface \(link.name) added")
      delegate?.interfacesChanged()
    } else if let before, before.mtu < link.mtu {
      sockets.growBuffers(to: Int(min(link.mtu, 65535)))
    }
    if let before, before.index == link.index, let old = before.address, let new = link.address,
      old != new
    {
      log.detail("(\(link.name)) MAC Address changed from \(old) to \(new)")
      delegate?.hardwareAddressChanged(number)
    }
    if polling?.isPolled(number) == true { return }
    consider(number, isUp: link.isUp, flags: [before?.flags ?? 0, link.flags])
  }

  /// A poll has asked for the link.
  func linkPolled(_ number: InterfaceIndex, isUp: Bool) {
    let flags = interfaces[number].link?.flags ?? 0
    consider(number, isUp: isUp, flags: [flags, flags])
    delegate?.networkSettled()
  }

  /// `isRenamed`: it is there under another name, which is another interface for us.
  private func linkDeleted(_ number: InterfaceIndex, isRenamed: Bool = false) {
    let entry = interfaces[number]
    log.info("Interface \(entry.name) deleted")
    pendingChanges.removeValue(forKey: number)?.alarm.cancel()
    if entry.isUp { change(number, isUp: false) }
    // What follows of this and of earlier reports is to be done while its index is known.
    delegate?.networkSettled()
    if isRenamed { addresses.withdraw(from: number) }
    addresses.forget(number)
    let families = Set(entry.addresses.map(\.family)).union(sources.forget(number))
    interfaces.remove(number)
    for family in [AddressFamily.ipv4, .ipv6] where families.contains(family) {
      delegate?.sourceChanged(number, family)
    }
    delegate?.interfacesChanged()
  }

  /// Takes a change of the link over at once, or after the interface's delay.
  private func consider(_ number: InterfaceIndex, isUp: Bool, flags: [UInt32]) {
    let entry = interfaces[number]
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
        + " delay by \(delay.count)")
    let alarm = loop.after(delay) { [unowned self] in
      pendingChanges[number] = nil
      change(number, isUp: isUp)
      delegate?.networkSettled()
    }
    pendingChanges[number] = (isUp, alarm)
  }

  private func change(_ number: InterfaceIndex, isUp: Bool) {
    interfaces[number].isUp = isUp
    if isUp { interfaces[number].hasBeenUp = true }
    delegate?.linkChanged(number, isUp: isUp)
    if isUp { addresses.restore(on: number) }
  }

  // MARK: Addresses

  private func addressAdded(_ address: InterfaceAddress) {
    guard !address.isTentative,
      let number = interfaces.number(kernelIndex: address.interface)
    else { return }
    let family = address.address.family
    if sources.added(address.address, on: number) { delegate?.sourceChanged(number, family) }
    if virtualAddresses.contains(address.address) { return }
    let before = interfaces[number].address(family)
    let count = interfaces[number].addresses.count
    interfaces.addAddress(address.address, to: number)
    if interfaces[number].addresses.count > count {
      log.detail("Assigned address \(address.address) for interface \(interfaces.name(number))")
    }
    if interfaces[number].address(family) != before { delegate?.sourceChanged(number, family) }
  }

  private func addressDeleted(_ address: InterfaceAddress, isEcho: Bool) {
    guard let number = interfaces.number(kernelIndex: address.interface) else { return }
    let key = PlacedAddress.Key(
      interface: number, address: address.address, prefixLength: address.prefixLength)
    if addresses.removalReported(key, isEcho: isEcho) == .lost { delegate?.addressLost(key) }
    let family = address.address.family
    if sources.removed(address.address, from: number) {
      delegate?.sourceChanged(number, family)
    }
    let before = interfaces[number].address(family)
    guard interfaces[number].addresses.contains(address.address) else { return }
    log.detail("Deassigned address \(address.address) from interface \(interfaces.name(number))")
    interfaces.removeAddress(address.address, from: number)
    if interfaces[number].address(family) != before { delegate?.sourceChanged(number, family) }
  }

  // MARK: Lost reports

  /// The kernel had more to say than the socket could hold: everything is looked at again.
  private func resynchronize() {
    log.info("Netlink: Receive buffer overrun on monitor socket")
    log.info("  - increase the relevant netlink_rcv_bufs global parameter and/or set force")
    guard let links = try? edge.interfaces() else { return }
    let present = Set(links.map(\.index))
    for entry in interfaces.entries {
      guard let link = entry.link, !present.contains(link.index) else { continue }
      linkDeleted(interfaces.number(named: entry.name))
    }
    for link in links { linkChanged(link) }
    var keys: Set<PlacedAddress.Key> = []
    for family in [AddressFamily.ipv4, .ipv6] {
      for address in (try? edge.addresses(family)) ?? [] {
        guard let number = interfaces.number(kernelIndex: address.interface) else { continue }
        keys.insert(
          PlacedAddress.Key(
            interface: number, address: address.address, prefixLength: address.prefixLength))
        addressAdded(address)
      }
    }
    for lost in addresses.resynchronize(keys) { delegate?.addressLost(lost) }
    forgetSources(missingFrom: keys)
  }

  private func forgetSources(missingFrom present: Set<PlacedAddress.Key>) {
    for entry in interfaces.entries where entry.link != nil {
      let number = interfaces.number(named: entry.name)
      let here = Set(present.filter { $0.interface == number }.map(\.address))
      for address in sources.present(on: number) where !here.contains(address) {
        if sources.removed(address, from: number) {
          delegate?.sourceChanged(number, address.family)
        }
      }
      for address in entry.addresses where !here.contains(address) {
        interfaces.removeAddress(address, from: number)
        delegate?.sourceChanged(number, address.family)
      }
    }
  }
}
