import Configuration
package import Primitives

/// BFD_CHECK and FILE_CHECK, which act on events, and `ha_suspend`.
extension HealthChecks {
  // MARK: BFD

  /// A BFD session is up or down.
  package mutating func sessionChanged(
    _ name: String, isUp: Bool, into effects: inout [Effect]
  ) {
    for index in checkers.indices {
      guard case .bfd(name) = checkers[index].definition.kind else { continue }
      if checkers[index].hasRun && checkers[index].isUp == isUp { continue }
      let state = isUp ? "UP" : "DOWN"
      effects.append(
        .log(.check("BFD check of [\(name)] RS(\(checkers[index].serverName)) is \(state)")))
      apply(isUp, by: index, into: &effects)
    }
  }

  // MARK: Files

  /// What a value of a file means for one checker.
  private struct FileEffect {
    var isFault: Bool
    var contribution: Int64
  }

  private static func effect(of value: Int, _ check: FileCheck) -> FileEffect {
    if check.weight == 0 {
      return FileEffect(isFault: (value != 0) != check.isReversed, contribution: 0)
    }
    let (product, overflow) = value.multipliedReportingOverflow(by: Int(check.weight))
    let signed = overflow ? ((value < 0) == (check.weight < 0) ? Int.max : Int.min) : product
    let directed = check.isReversed ? (signed == .min ? .max : -signed) : signed
    let clamped = min(max(directed, Int(Int32.min)), Int(Int32.max))
    let isFault = clamped == Int(Int32.min)
    return FileEffect(isFault: isFault, contribution: isFault ? 0 : Int64(clamped))
  }

  /// The values at the start are taken as they are: nothing is told of them.
  mutating func readInitialFiles() {
    for index in checkers.indices {
      guard case .file(let check) = checkers[index].definition.kind else { continue }
      let effect = Self.effect(of: fileValues[check.trackFile] ?? 0, check)
      checkers[index].hasRun = true
      checkers[index].isUp = !effect.isFault
      checkers[index].contribution = effect.contribution
    }
  }

  /// A tracked file has another value.
  package mutating func fileChanged(
    _ name: String, value: Int, into effects: inout [Effect]
  ) {
    fileValues[name] = value
    for index in checkers.indices {
      guard case .file(let check) = checkers[index].definition.kind, check.trackFile == name
      else { continue }
      let effect = Self.effect(of: value, check)
      let server = checkers[index].server.rawValue
      let weight = effectiveWeight(server)
      checkers[index].contribution = effect.contribution
      weightMayHaveChanged(server, from: weight, into: &effects)
      guard checkers[index].isUp == effect.isFault else { continue }
      let what = effect.isFault ? "now FAULT state" : "leaving FAULT state"
      let serverName = checkers[index].serverName
      effects.append(.log(.checkDetail("(\(serverName)): tracked file \(name) \(what)")))
      apply(!effect.isFault, by: index, into: &effects)
    }
  }

  // MARK: Addresses

  /// An interface of this machine has an address, or has it no more.
  package mutating func localAddressChanged(
    _ address: IPAddress, isAdded: Bool, at now: Instant, into effects: inout [Effect]
  ) {
    let count = localAddresses[address, default: 0] + (isAdded ? 1 : -1)
    localAddresses[address] = count > 0 ? count : nil
    for index in virtualServers.indices
    where virtualServers[index].definition.hasHASuspend && serves(index, address) {
      effects.append(.log(.localAddress(address, isAdded: isAdded)))
      let before = virtualServers[index].localAddresses
      let after = max(0, before + (isAdded ? 1 : -1))
      virtualServers[index].localAddresses = after
      if (before > 0) != (after > 0) { setEnabled(index, after > 0, into: &effects) }
    }
  }

  mutating func countLocalAddresses(_ index: Int) {
    guard virtualServers[index].definition.hasHASuspend else { return }
    var count = 0
    for (address, interfaces) in localAddresses where serves(index, address) {
      count += interfaces
    }
    virtualServers[index].localAddresses = count
    for server in virtualServers[index].servers {
      for checker in realServers[server].checkers { checkers[checker].isEnabled = count > 0 }
    }
  }

  private mutating func setEnabled(
    _ index: Int, _ isEnabled: Bool, into effects: inout [Effect]
  ) {
    for server in virtualServers[index].servers {
      let names = names(ofServer: server)
      for checker in realServers[server].checkers {
        checkers[checker].isEnabled = isEnabled
        effects.append(
          .log(
            isEnabled
              ? .activating(server: names.server, service: names.service)
              : .suspending(server: names.server, service: names.service)))
      }
    }
  }

  private func serves(_ index: Int, _ address: IPAddress) -> Bool {
    switch virtualServers[index].definition.service {
    case .address(let own, _): return own == address
    case .mark: return false
    case .group(let name, _):
      guard let group = groups.first(where: { $0.name == name }) else { return false }
      return group.entries.contains { entry in
        guard case .addresses(let range) = entry else { return false }
        return range.first.family == address.family && range.first <= address
          && address <= range.last
      }
    }
  }
}
