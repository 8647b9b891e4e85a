import Configuration
import Logging
import Primitives

/// Something of the configuration that stands from the start to the stop.
protocol StandingObject: Installable {
  /// Whether it is set again when somebody takes it.
  var isRestored: Bool { get }
  /// Whether the kernel can hold it as things are.
  func canStand(in interfaces: InterfaceTable) -> Bool
  /// Written when a new configuration has it no more.
  func departure(in interfaces: InterfaceTable) -> (line: String, isDetail: Bool)
  /// What is set again, for the log.
  func name(in interfaces: InterfaceTable) -> String
}

/// The addresses, routes or rules of `static_ipaddress`, `static_routes` or `static_rules`: there
/// from the start to the stop, and set again when somebody takes them.
final class StandingObjects<Object: StandingObject> {
  private let installer: Installer<Object>
  private let interfaces: InterfaceTable
  private let log: Log
  private let owner: Installer<Object>.Owner
  private(set) var objects: [Object] = []
  private var byKey: [Object.Key: Object] = [:]
  private var isReleased = false

  init(_ installer: Installer<Object>, _ network: Network) {
    self.installer = installer
    interfaces = network.interfaces
    log = network.log
    owner = installer.newOwner()
  }

  /// Sets those of a configuration; those of the one before that are in none go.
  func replace(by new: [Object]) {
    let before = objects
    objects = new
    byKey = Dictionary(new.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
    let gone = before.departed(from: byKey)
    for object in gone {
      let (line, isDetail) = object.departure(in: interfaces)
      if isDetail { log.detail(line) } else { log.info(line) }
    }
    installer.release(gone, by: owner)
    installer.want(new, by: owner)
  }

  func release() {
    isReleased = true
    installer.release(objects.reversed(), by: owner)
  }

  /// Somebody took one: whether it is one of these.
  func lost(_ key: Object.Key) -> Bool {
    guard let object = byKey[key] else { return false }
    if object.isRestored && !isReleased && object.canStand(in: interfaces) { restore([object]) }
    return true
  }

  /// An interface is up again. What nobody tracks stays away.
  func restore(on number: InterfaceIndex) {
    let missing = objects.filter { $0.isOn(number) && !installer.isPresent($0.key) }
    installer.release(missing.filter { !$0.isRestored }, by: owner)
    restore(missing.filter(\.isRestored))
  }

  private func restore(_ missing: [Object]) {
    for object in missing { log.info("Restoring deleted static \(object.name(in: interfaces))") }
    installer.want(missing, by: owner)
  }
}

extension Array where Element: Installable {
  /// Those that are not among the new ones, or could not become what those are.
  func departed(from new: [Element.Key: Element]) -> [Element] {
    filter { old in
      guard let heir = new[old.key] else { return true }
      return !heir.replaces && !old.isSame(as: heir)
    }
  }

  var byKey: [Element.Key: Element] {
    Dictionary(map { ($0.key, $0) }, uniquingKeysWith: { $1 })
  }
}

extension PlacedAddress: StandingObject {
  var isRestored: Bool { !line.noTrack }

  func canStand(in interfaces: InterfaceTable) -> Bool { true }

  func departure(in interfaces: InterfaceTable) -> (line: String, isDetail: Bool) {
    ("ip \(name(in: interfaces)), no longer exist", false)
  }

  func name(in interfaces: InterfaceTable) -> String {
    "\(title) dev \(interfaces.name(interface))"
  }
}

extension PlacedRoute: StandingObject {
  var isRestored: Bool { isTracked }

  func canStand(in interfaces: InterfaceTable) -> Bool { !isStranded(in: interfaces) }

  func departure(in interfaces: InterfaceTable) -> (line: String, isDetail: Bool) {
    ("Removing route \(line.destination.routeText)", true)
  }

  func name(in interfaces: InterfaceTable) -> String { "route \(line)" }
}

extension PlacedRule: StandingObject {
  var isRestored: Bool { isTracked }

  func canStand(in interfaces: InterfaceTable) -> Bool { true }

  func departure(in interfaces: InterfaceTable) -> (line: String, isDetail: Bool) {
    ("ip rule \(line.ends) removed", true)
  }

  func name(in interfaces: InterfaceTable) -> String { "rule \(line)" }
}
