import Primitives

/// A rule in the words of the configuration, as log lines and dumps have it.
extension RuleLine: CustomStringConvertible {
  package var description: String {
    var text = from == nil && to == nil && family == .ipv6 ? "inet6 " : ""
    if isInverted { text += "not " }
    text += "from \(Self.text(from))"
    if let to { text += " to \(Self.text(to))" }
    text += " priority \(priority) tos 0x" + String(tos, radix: 16)
    if let fwmark {
      text += " fwmark 0x" + String(fwmark, radix: 16)
      if let fwmask, fwmask != .max { text += "/0x" + String(fwmask, radix: 16) }
    }
    if let inputDevice { text += " iif \(inputDevice)" }
    if let outputDevice { text += " oif \(outputDevice)" }
    if let suppressPrefixLength { text += " suppress_prefixlen \(suppressPrefixLength)" }
    if let suppressGroup { text += " suppress_ifgroup \(suppressGroup)" }
    if let tunnelID { text += " tunnel-id \(tunnelID)" }
    if let userRange { text += " uidrange \(userRange.lowerBound)-\(userRange.upperBound)" }
    if action == .l3mdev { text += " l3mdev" }
    if ruleProtocol != 0 { text += " protocol \(ruleProtocol)" }
    if let ipProtocol { text += " ipproto \(ipProtocol)" }
    if let sourcePorts { text += " sport \(sourcePorts.lowerBound)-\(sourcePorts.upperBound)" }
    if let destinationPorts {
      text += " dport \(destinationPorts.lowerBound)-\(destinationPorts.upperBound)"
    }
    if let realms { text += " realms \(realms >> 16)/\(realms & 0xffff)" }
    text += action.text
    if noTrack { text += " no_track" }
    if let trackGroup { text += " track_group \(trackGroup)" }
    return text
  }

  /// `ip rule from A[ to B]`, as in the line about one that a reload has removed.
  package var ends: String {
    "from \(Self.text(from))" + (to.map { " to \(Self.text($0))" } ?? "")
  }

  private static func text(_ prefix: Prefix?) -> String {
    guard let prefix, let address = prefix.address else { return "all" }
    return prefix.length == address.family.hostPrefixLength
      ? "\(address)" : "\(address)/\(prefix.length)"
  }
}

extension RuleLine.Action {
  fileprivate var text: String {
    switch self {
    case .table(let table): " lookup \(table)"
    // Compatibility: no table is meant.
    case .l3mdev: " lookup 0"
    case .goto(let target): " goto \(target)"
    case .nop: " nop"
    case .blackhole: " type blackhole"
    case .unreachable: " type unreachable"
    case .prohibit: " type prohibit"
    }
  }
}
