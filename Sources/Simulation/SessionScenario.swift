package import BFD
import Primitives

/// What a seed decides before anything runs: which systems have sessions with each other, and how
/// fast they are.
package struct SessionScenario: Sendable {
  /// One side of a session.
  package struct End: Sendable {
    var node: Int
    /// The place of the session in its node.
    var place: Int
    var address: IPAddress
    /// The configuration, and what a reload makes of it; then back again.
    package var configurations: [SessionConfiguration]
  }

  package private(set) var nodes: Int
  /// Two after each other are a session: 0 and 1, 2 and 3.
  package private(set) var ends: [End] = []

  package init(_ random: inout RandomSource) {
    nodes = random.chance(70) ? 2 : random.number(3...5)
    let sessions = random.chance(70) ? random.number(1...2) : random.number(3...8)
    var places = Array(repeating: 0, count: nodes)
    for session in 0..<sessions {
      let first = random.number(0...(nodes - 1))
      let second = (first + random.number(1...(nodes - 1))) % nodes
      let passive = random.number(0...3)
      let isMultihop = random.chance(20)
      let family: AddressFamily = random.chance(30) ? .ipv6 : .ipv4
      for (side, node) in [first, second].enumerated() {
        let address = Self.address(session, side, family)
        var configurations: [SessionConfiguration] = []
        for _ in 0..<2 {
          var configuration = SessionConfiguration(
            name: "S\(session)", neighbor: Self.address(session, 1 - side, family))
          configuration.source = random.chance(50) ? address : nil
          configuration.isPassive = passive == side
          configuration.isMultihop = isMultihop
          configuration.minTx = random.interval()
          configuration.minRx = random.interval()
          configuration.idleTx = .milliseconds(Int64(random.number(1000...1500)))
          configuration.multiplier = UInt8(random.number(2...5))
          configurations.append(configuration)
        }
        configurations[1].source = configurations[0].source
        ends.append(
          End(node: node, place: places[node], address: address, configurations: configurations))
        places[node] += 1
      }
    }
  }

  private static func address(
    _ session: Int, _ side: Int, _ family: AddressFamily
  ) -> IPAddress {
    switch family {
    case .ipv4: .ipv4(IPv4Address(10, 0, UInt8(session), UInt8(side + 1)))
    case .ipv6: .ipv6(IPv6Address(high: 0xfd00 << 48 | UInt64(session), low: UInt64(side + 1)))
    }
  }

  /// The fastest that any packets go, whatever is reloaded.
  var fastestInterval: Microseconds {
    ends.flatMap(\.configurations).map { min($0.minTx, $0.minRx) }.min() ?? .seconds(1)
  }

  /// So many packets in a row may be lost from this end.
  func tolerance(of end: Int) -> Int {
    Int(ends[end].configurations.map(\.multiplier).min() ?? 1) - 1
  }

  /// Long enough for any session to notice that it is down, and to come up again.
  var recovery: Microseconds {
    let configurations = ends.flatMap(\.configurations)
    let interval = configurations.map { max($0.minTx, $0.minRx, $0.idleTx) }.max() ?? .seconds(1)
    let multiplier = configurations.map(\.multiplier).max() ?? 1
    return interval * (Int64(multiplier) + 6)
  }
}

extension RandomSource {
  fileprivate mutating func interval() -> Microseconds {
    chance(90) ? time(150_000...600_000) : time(600_000...2_000_000)
  }
}
