package import Primitives

/// The least time between two gratuitous messages of an interface or of a `garp_group`.
package struct GratuitousLimit: Hashable, Sendable {
  /// Zero: no limit.
  package var arpInterval: Microseconds
  package var neighborAdvertisementInterval: Microseconds

  package init(
    arpInterval: Microseconds = .zero, neighborAdvertisementInterval: Microseconds = .zero
  ) {
    self.arpInterval = arpInterval
    self.neighborAdvertisementInterval = neighborAdvertisementInterval
  }

  package func interval(_ family: AddressFamily) -> Microseconds {
    family == .ipv4 ? arpInterval : neighborAdvertisementInterval
  }
}
