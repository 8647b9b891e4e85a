import IPVS
import Primitives

@testable import Kernel

/// Any bytes as messages of rtnetlink, IPVS and nftables: a type of two bytes, then family header
/// and attributes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  guard bytes.count >= 2 else { return 0 }
  // RTM_NEWLINK to RTM_DELRULE, and types that mean nothing to us.
  let type = 16 + UInt16(bytes[0]) % 20
  let message = NetlinkMessage(type: type, sender: 0, payload: Array(bytes.dropFirst(2)))
  switch NetworkEvent(message) {
  case .link(let link), .linkDeleted(let link):
    precondition(link.name.utf8.count <= 3 * count && link.kind.utf8.count <= 3 * count)
    precondition(link.base != .none || link.index == .none)
  case .address(let address), .addressDeleted(let address):
    precondition(address.address.family.addressLength <= count)
    _ = address.isTentative
  case .route(let route), .routeDeleted(let route):
    precondition(4 * route.interfaces.count <= count)
    precondition(route.destination.address.family.addressLength >= 4)
  case .ruleDeleted(let rule):
    precondition(rule.inputDevice.utf8.count <= 3 * count)
    // Whatever it is, it can be asked for.
    precondition(rule.removal.bytes(sequence: 1).count >= 28)
  case nil: break
  }
  // NFT_MSG_NEWTABLE and those behind it.
  let filters = NetlinkMessage(
    type: 10 << 8 | UInt16(bytes[0]) % 16, sender: 0, payload: message.payload)
  if let removal = NFTablesRemoval(filters) {
    precondition(removal.table.utf8.count <= 3 * count)
  }
  if let service = Service(message) {
    precondition(service.settings.scheduler.utf8.count <= 3 * count)
  }
  if let daemon = SyncDaemon(message) { precondition(daemon.interface.utf8.count <= 3 * count) }
  _ = Destination(message)
  _ = Timeouts(message)
  for offset in [0, 8, 16, count] {
    var total = 0
    for (type, value) in message.attributes(after: offset) {
      precondition(type <= 0x3fff)
      total += 4 + value.count
    }
    precondition(total <= count, "attributes beyond the message")
  }
  return 0
}
