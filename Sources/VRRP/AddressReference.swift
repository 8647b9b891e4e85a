/// One address of a virtual router.
package enum AddressReference: Hashable, Sendable {
  /// An index into `RouterConfiguration.addresses`.
  case virtual(Int)
  /// An index into `RouterConfiguration.excludedAddresses`.
  case excluded(Int)
  /// The source of the advertisements, on the configured interface.
  case source
}
