import ConfigurationSyntax
import Primitives

extension BFDInstanceDraft {
  /// The instance with all defaults, if it can work beside the others; reports at the end of the
  /// block why not.
  func completed(beside others: [BFDInstance], _ reader: BlockReader) -> BFDInstance? {
    if isRefused { return nil }
    guard let neighborIP else {
      report("has no neighbor address set, disabling instance", reader, "neighbor_ip ADDRESS")
      return nil
    }
    if let sourceIP, sourceIP.family != neighborIP.family {
      report(
        "source address \(sourceIP) and neighbor address \(neighborIP) are not of the same family,"
          + " disabling instance", reader)
      return nil
    }
    let isTaken = others.contains { other in
      other.neighborIP == neighborIP && other.isMultihop == isMultihop
        && (other.sourceIP == nil || sourceIP == nil || other.sourceIP == sourceIP)
    }
    if isTaken {
      report(
        sourceIP.map { "has duplicate source/neighbor address \($0)/\(neighborIP)" }
          ?? "has duplicate neighbor address \(neighborIP)", reader, suffix: ", ignoring instance")
      return nil
    }
    var instance = BFDInstance(name: name, neighborIP: neighborIP)
    instance.sourceIP = sourceIP
    instance.minRx = minRx ?? instance.minRx
    instance.minTx = minTx ?? instance.minTx
    instance.idleTx = idleTx ?? instance.idleTx
    instance.multiplier = multiplier ?? instance.multiplier
    instance.isPassive = isPassive
    instance.ttl = ttl ?? instance.ttl
    instance.isMultihop = isMultihop
    if maxHops > instance.ttl {
      reader.context.report(
        .general,
        "BFD instance \(name): max_hops exceeds ttl/hoplimit - setting to ttl/hoplimit",
        at: reader.location, expected: "max_hops of at most \(instance.ttl), or a higher ttl")
    }
    instance.maxHops = min(maxHops, instance.ttl)
    // Neither process named means both.
    instance.vrrp = hasVRRP || !hasChecker
    instance.checker = hasChecker || !hasVRRP
    return instance
  }

  private func report(
    _ message: String, _ reader: BlockReader, _ expected: String? = nil, suffix: String = ""
  ) {
    reader.context.report(
      .general, "\(subject) \(message)\(suffix)", at: reader.location, expected: expected)
  }
}
