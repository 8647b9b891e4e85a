import Primitives

/// A network that loses, delays, duplicates and splits.
struct SimulatedNetwork {
  struct Packet {
    var arrival: Instant
    var sequence: Int
    var destination: Int
    var octets: [UInt8]
  }

  var lossPercent = 0
  var duplicationPercent = 0
  var delay: ClosedRange<Int64> = 100...1000
  /// Nodes reach nodes of the same number.
  var partition: [Int]
  /// Ordered, the next one last.
  private(set) var packets: [Packet] = []
  private var sequence = 0

  init(nodes: Int) { partition = Array(repeating: 0, count: nodes) }

  var nextArrival: Instant? { packets.last?.arrival }

  mutating func multicast(
    _ octets: [UInt8], from sender: Int, at now: Instant, _ random: inout RandomSource
  ) {
    for node in partition.indices
    where node != sender && partition[node] == partition[sender] {
      if random.chance(lossPercent) { continue }
      insert(octets, to: node, at: now + random.time(delay))
      if random.chance(duplicationPercent) {
        insert(octets, to: node, at: now + random.time(delay))
      }
    }
  }

  mutating func insert(_ octets: [UInt8], to node: Int, at arrival: Instant) {
    sequence += 1
    let packet = Packet(
      arrival: arrival, sequence: sequence, destination: node, octets: octets)
    var place = packets.endIndex
    while place > 0, packets[place - 1].arrival <= arrival { place -= 1 }
    packets.insert(packet, at: place)
  }

  mutating func take() -> Packet? { packets.popLast() }
}
