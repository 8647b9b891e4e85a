package import Primitives

/// What the table of one family of nftables shall hold: maps from addresses and ports to the marks
/// of groups, one for each transport, and a chain of input that looks packets up in them.
package struct MarkTable: Hashable, Sendable {
  package struct Identity: Hashable, Sendable {
    package var name: String
    package var family: AddressFamily

    package init(name: String, family: AddressFamily) {
      self.name = name
      self.family = family
    }
  }

  /// Addresses and ports that get one mark.
  package struct Element: Hashable, Sendable {
    package var addresses: ClosedRange<IPAddress>
    package var ports: ClosedRange<UInt16>
    package var mark: UInt32

    package init(addresses: ClosedRange<IPAddress>, ports: ClosedRange<UInt16>, mark: UInt32) {
      self.addresses = addresses
      self.ports = ports
      self.mark = mark
    }
  }

  package struct Map: Hashable, Sendable {
    package var transport: TransportProtocol
    /// No two have an address and a port in common: the kernel would refuse them.
    package var elements: [Element]

    package init(transport: TransportProtocol, elements: [Element]) {
      self.transport = transport
      self.elements = elements
    }
  }

  package var identity: Identity
  /// Of the chain.
  package var priority: Int32
  package var hasCounters: Bool
  /// In the order of their use, which is the order of the rules.
  package var maps: [Map]

  package init(
    _ identity: Identity, priority: Int32 = -1, hasCounters: Bool = false, maps: [Map] = []
  ) {
    self.identity = identity
    self.priority = priority
    self.hasCounters = hasCounters
    self.maps = maps
  }
}

extension MarkTable.Element: CustomStringConvertible {
  /// `10.0.0.1-10.0.0.3 . 80 : 1000`
  package var description: String {
    func text<Bound: Equatable>(_ first: Bound, _ last: Bound) -> String {
      first == last ? "\(first)" : "\(first)-\(last)"
    }
    let addresses = text(addresses.lowerBound, addresses.upperBound)
    return "\(addresses) . \(text(ports.lowerBound, ports.upperBound)) : \(mark)"
  }
}
