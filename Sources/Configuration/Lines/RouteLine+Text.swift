import Primitives

/// A route in the words of the configuration, as log lines and dumps have it.
extension RouteLine: CustomStringConvertible {
  package var description: String {
    var words = [placementWord]
    if type != 1 { words.append(Self.typeName(type)) }
    words.append(destination.routeText)
    if let from { words.append("from \(from.routeText)") }
    if let preferredSource { words.append("src \(preferredSource)") }
    if tos != 0 { words.append("tos \(tos)") }
    if let encapsulation { words.append(encapsulation.description) }
    if let via { words.append("via \(via.familyWord) \(via)") }
    if let device { words.append("dev \(device)") }
    if let table, table != Self.mainTable { words.append("table \(table)") }
    words.append("proto \(routeProtocol)")
    if let scope { words.append("scope \(scope)") }
    if let metric { words.append("metric \(metric)") }
    if onlink { words.append("onlink") }
    if let realms { words.append(realmText(realms)) }
    if let expires { words.append("expires \(expires)sec") }
    words += metricWords
    if let preference { words.append("pref \(Self.preferenceName(preference))") }
    if let ttlPropagate { words.append("ttl-propagate \(ttlPropagate ? "enabled" : "disabled")") }
    words += nexthops.map { "nexthop\($0.description)" }
    if noTrack { words.append("no_track") }
    if let trackGroup { words.append("track_group \(trackGroup)") }
    return words.joined(separator: " ")
  }

  private static let mainTable: UInt32 = 254

  private var placementWord: String {
    switch placement {
    case .prepend: "prepend"
    case .append: "append"
    case .add: "add"
    }
  }

  private static func preferenceName(_ number: UInt8) -> String {
    switch number {
    case 0: "medium"
    case 1: "high"
    case 3: "low"
    default: "unknown"
    }
  }

  private var metricWords: [String] {
    var words: [String] = []
    if let congestionControl {
      // Compatibility: nothing between the name and `lock`.
      words.append("congctl \(congestionControl)\(isCongestionControlLocked ? "lock " : "")")
    }
    for (kind, name) in Self.metricNames {
      guard let metric = metrics.first(where: { $0.kind == kind }) else { continue }
      words.append("\(name)\(metric.isLocked ? " lock" : "") \(metric.text)")
    }
    return words
  }

  private static let metricNames: [(Metric.Kind, String)] = [
    (.rtt, "rtt"), (.rttvar, "rttvar"), (.rtoMin, "rto_min"), (.features, "features"),
    (.mtu, "mtu"), (.window, "window"), (.ssthresh, "ssthresh"), (.cwnd, "cwnd"),
    (.advmss, "advmss"), (.reordering, "reordering"), (.hoplimit, "hoplimit"),
    (.initcwnd, "initcwnd"), (.initrwnd, "initrwnd"), (.quickack, "quickack"),
    (.fastopenNoCookie, "fastopen_no_cookie"),
  ]
}

extension RouteLine.Metric {
  fileprivate var text: String {
    switch kind {
    case .rtt: time(unitsPerMillisecond: 8)
    case .rttvar: time(unitsPerMillisecond: 4)
    case .rtoMin: time(unitsPerMillisecond: 1)
    case .features: value & 1 != 0 ? "ecn" : ""
    case .mtu, .window, .ssthresh, .cwnd, .advmss, .reordering, .hoplimit, .initcwnd, .initrwnd,
      .quickack, .congctl, .fastopenNoCookie:
      "\(value)"
    }
  }

  /// Seconds from one second on, else milliseconds, without needless zeros.
  private func time(unitsPerMillisecond: UInt32) -> String {
    let second = 1000 * unitsPerMillisecond
    let (unit, name) = value >= second ? (second, "s") : (unitsPerMillisecond, "ms")
    let thousandths = UInt64(value % unit) * 1000 / UInt64(unit)
    if thousandths == 0 { return "\(value / unit)\(name)" }
    var fraction = "\(thousandths)"
    fraction = String(repeating: "0", count: 3 - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(value / unit).\(fraction)\(name)"
  }
}

extension RouteLine.NextHop: CustomStringConvertible {
  package var description: String {
    var text = ""
    if let via { text += " via \(via.familyWord) \(via)" }
    if let device { text += " dev \(device)" }
    if weight != 1 { text += " weight \(weight)" }
    if onlink { text += " onlink" }
    if let realms { text += " \(realmText(realms))" }
    if let encapsulation { text += " \(encapsulation)" }
    return text
  }
}

extension RouteLine.Encapsulation: CustomStringConvertible {
  package var description: String {
    switch self {
    case .ip(let tunnel): "encap ip" + tunnel.text("tos", "ttl")
    case .ip6(let tunnel): "encap ip6" + tunnel.text("tc", "hoplimit")
    // Compatibility: as entries of a label stack (RFC 3032 2.1), and as a number of the machine.
    case .mpls(let labels): "encap mpls " + Self.entries(of: labels).joined(separator: "/")
    case .ila(let locator): "encap ila \(locator.bigEndian)"
    }
  }

  private static func entries(of labels: [UInt32]) -> [String] {
    labels.enumerated().map { index, label in
      String(label << 12 | (index == labels.count - 1 ? 0x100 : 0), radix: 16)
    }
  }
}

extension RouteLine.Tunnel {
  fileprivate func text(_ trafficClassWord: String, _ hopLimitWord: String) -> String {
    var text = ""
    if let id { text += " id \(id)" }
    if let destination { text += " dst \(destination)" }
    if let source { text += " src \(source)" }
    if let trafficClass { text += " \(trafficClassWord) \(trafficClass)" }
    if let hopLimit { text += " \(hopLimitWord) \(hopLimit)" }
    if let flags { text += " flags 0x" + String(flags, radix: 16) }
    return text
  }
}

/// R of the destination, or R1/R2 of source and destination.
func realmText(_ realms: UInt32) -> String {
  realms > 0xffff ? "realms \(realms >> 16)/\(realms & 0xffff)" : "realm \(realms)"
}

extension IPAddress {
  fileprivate var familyWord: String { family == .ipv4 ? "inet" : "inet6" }
}

extension Prefix {
  /// Without the length of a host.
  package var routeText: String {
    guard let address else { return "default" }
    if length == 0 && (address == .ipv4(.any) || address == .ipv6(.any)) { return "default" }
    return length == address.family.hostPrefixLength ? "\(address)" : "\(address)/\(length)"
  }
}
