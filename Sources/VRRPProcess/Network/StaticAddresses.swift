import Configuration
import Logging
import Primitives

/// The addresses of `static_ipaddress`: there from the start to the stop, and set again when
/// somebody takes them.
final class StaticAddresses {
  private let network: Network
  private let owner: Installer<PlacedAddress>.Owner
  private var addresses: [PlacedAddress] = []
  private var isReleased = false

  init(_ network: Network) {
    self.network = network
    owner = network.addresses.newOwner()
  }

  /// Sets those of a configuration; those of the one before that are in none go.
  func replace(by new: [PlacedAddress]) {
    let gone = addresses.filter { placed in !new.contains { $0.isSame(as: placed) } }
    for placed in gone { network.log.info("ip \(title(placed)), no longer exist") }
    addresses = new
    network.addresses.release(gone, by: owner)
    network.addresses.want(new, by: owner)
  }

  func release() {
    isReleased = true
    network.addresses.release(addresses, by: owner)
  }

  /// Somebody took an address: whether it is one of these.
  func lost(_ key: PlacedAddress.Key) -> Bool {
    guard let placed = addresses.first(where: { $0.key == key }) else { return false }
    if !placed.line.noTrack && !isReleased { restore([placed]) }
    return true
  }

  /// An interface is up again. What nobody tracks stays away.
  func restore(on number: InterfaceIndex) {
    let missing = addresses.filter {
      $0.interface == number && !network.addresses.isPresent($0.key)
    }
    network.addresses.release(missing.filter(\.line.noTrack), by: owner)
    restore(missing.filter { !$0.line.noTrack })
  }

  private func restore(_ missing: [PlacedAddress]) {
    for placed in missing { network.log.info("Restoring deleted static \(title(placed))") }
    network.addresses.want(missing, by: owner)
  }

  private func title(_ placed: PlacedAddress) -> String {
    "\(placed.title) dev \(network.interfaces.name(placed.interface))"
  }
}
