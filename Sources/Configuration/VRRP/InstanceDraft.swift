import ConfigurationSyntax
import Primitives

/// A `vrrp_instance` while it is read: what the text says, before defaults are filled in.
///
/// Nil everywhere means that the text says nothing.
struct InstanceDraft: TrackerOwner {
  let reading: Reading
  var instance: VRRPInstance
  /// Fixed by the first address, or by `native_ipv6`.
  var family: AddressFamily?
  var version: VRRPVersion?
  var state: VRRPInstance.State?
  var priority: Priority?
  var strictMode: Bool?
  var accept: Bool?
  var lowerPrioNoAdvert: Bool?
  var higherPrioSendAdvert: Bool?
  var ownerIgnoreAdverts: Bool?
  var lowerPrioDelay: Microseconds?
  var lowerPrioRepeat: UInt32?
  var multicastDestination: IPAddress?
  var smtpAlert: Bool?
  var notifyPriorityChanges: Bool?
  var authType: Authentication.Method?
  var authPass: [UInt8]?
  var timeWindow: Microseconds?
  /// A keyword that only makes sense for unicast was used.
  var isUnicastConfigured = false
  var unicastFaultNoPeer = false
  var noVirtualIPAddress = false

  init(name: String, reading: Reading) {
    self.reading = reading
    instance = VRRPInstance(name: name)
    let global = reading.global.vrrp
    instance.garp = global.garp
    instance.garpExtraIf = global.garpExtraIf
    instance.downTimerAdverts = global.downTimerAdverts
    instance.v3ChecksumAsV2 = global.v3ChecksumAsV2
    instance.skipCheckAdvAddr = global.skipCheckAdvAddr
    instance.checkUnicastSrc = global.checkUnicastSrc
  }

  var name: String { instance.name }
  /// What messages about a keyword begin with. Some have a colon and some have not.
  var owner: String { "(\(name)) " }
  var ownerColon: String { "(\(name)): " }

  /// Fixes the family of the instance; false if it has the other one.
  mutating func fix(_ family: AddressFamily) -> Bool {
    if let known = self.family { return known == family }
    self.family = family
    return true
  }
}
