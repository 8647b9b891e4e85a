import Kernel
import Primitives
import SystemIO

/// Something that the kernel holds because we want it.
protocol Installable {
  /// What makes two of them one and the same for the kernel.
  associatedtype Key: Hashable
  /// Where a new one can take the place of one with another key.
  associatedtype Slot: Hashable = Key

  var key: Key { get }
  var slot: Slot { get }
  /// Whether it can come back when an interface does.
  func isOn(_ interface: InterfaceIndex) -> Bool
  /// Whether it goes when an interface goes.
  func goes(with interface: InterfaceIndex, in interfaces: InterfaceTable) -> Bool
  /// An interface that it needs and that does not exist.
  func missingInterface(in interfaces: InterfaceTable) -> InterfaceIndex?
  /// What the kernel is told, while nothing is missing.
  func object(in interfaces: InterfaceTable) -> NetworkObject
  /// Whether the kernel need not be told of a change from one to the other.
  func isSame(as other: Self) -> Bool
  /// Whether it can take the place of another without a moment in which there is neither.
  var replaces: Bool { get }
  /// Takes over what is known of the same one from before a reload.
  func inherit(from old: Self)
  /// For the log, without its interface: `address 10.0.0.1/24`.
  var title: String { get }
  /// In lines about an interface that does not exist: `address 10.0.0.1`.
  var shortTitle: String { get }
  /// What becomes of one that the kernel refuses, for the log.
  var consequence: String { get }
  /// The names and numbers of the requests, for the log: `RTM_NEWADDR(20)`.
  static var additionName: String { get }
  static var removalName: String { get }
  /// Answers to an addition by which it is there.
  static var presence: Set<Errno> { get }
  /// Answers to a removal by which it is not there.
  static var absence: Set<Errno> { get }
  /// Whether the removal of one takes others of ours along.
  static var takesOthersAlong: Bool { get }
}

extension Installable {
  func goes(with interface: InterfaceIndex, in interfaces: InterfaceTable) -> Bool {
    isOn(interface)
  }
  var replaces: Bool { false }
  func inherit(from old: Self) {}
  var consequence: String { "" }
  static var takesOthersAlong: Bool { true }
}

extension Installable where Slot == Key {
  var slot: Key { key }
}
