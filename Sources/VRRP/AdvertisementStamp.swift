package import Primitives

/// What is particular to one advertisement of a virtual router. All unicast copies share it.
package struct AdvertisementStamp: Hashable, Sendable {
  package var priority: Priority
  /// The identification in the IPv4 header.
  package var identification: UInt16
  /// The sequence number in the authentication header.
  package var sequenceNumber: UInt32
  package var source: IPAddress

  package init(
    priority: Priority, identification: UInt16, sequenceNumber: UInt32, source: IPAddress
  ) {
    self.priority = priority
    self.identification = identification
    self.sequenceNumber = sequenceNumber
    self.source = source
  }
}
