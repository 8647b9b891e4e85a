/// A service that IPVS shall hold. Its destinations, of which no two have one identity, are in the
/// order in which they are added; many services may share one array.
package struct WantedService: Hashable, Sendable {
  package var service: Service
  package var destinations: [Destination]

  package init(_ service: Service, destinations: [Destination]) {
    self.service = service
    self.destinations = destinations
  }
}
