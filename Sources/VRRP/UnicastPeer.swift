package import Primitives

/// A peer of a unicast virtual router and the hop counts that its advertisements may arrive with.
package struct UnicastPeer: Hashable, Sendable {
  package var address: IPAddress
  package var minimumTTL: UInt8?
  package var maximumTTL: UInt8?

  package init(address: IPAddress, minimumTTL: UInt8? = nil, maximumTTL: UInt8? = nil) {
    self.address = address
    self.minimumTTL = minimumTTL
    self.maximumTTL = maximumTTL
  }

  package var limitsTTL: Bool { minimumTTL != nil || maximumTTL != nil }
  package var acceptedTTL: ClosedRange<UInt8> {
    let low = minimumTTL ?? 0
    return low...max(low, maximumTTL ?? 255)
  }
}
