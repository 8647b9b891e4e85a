import ConfigurationSyntax
import IPVS
import Primitives

/// A `real_server` while it is read.
struct RealServerDraft: CheckSettingsOwner, NotifyOwner {
  static let subject = "real server "

  let reading: Reading
  /// The protocol of its virtual server as far as it is known, for its name in messages.
  let transport: TransportProtocol?
  var server: RealServer
  var weight: UInt32?
  var forwarding: ForwardingDraft
  var inhibitsOnFailure: Bool?
  var smtpAlert: Bool?
  var settings = CheckSettings()
  var checkers: [CheckerEntry] = []
  /// The names of those that cannot be used.
  var leftOut: [String] = []

  var name: String { server.name(transport) }
}
