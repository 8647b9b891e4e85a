import Kernel
import Primitives

/// Something that the kernel holds because we want it.
protocol Installable {
  /// What makes two of them one and the same for the kernel.
  associatedtype Key: Hashable

  var key: Key { get }
  /// The interface that it is on, and goes with.
  var interface: InterfaceIndex { get }
  /// What the kernel is told; `kernelIndex` is the interface's there.
  func object(on kernelIndex: InterfaceIndex) -> NetworkObject
  /// Whether the kernel need not be told of a change from one to the other.
  func isSame(as other: Self) -> Bool
  /// For the log, without its interface: `address 10.0.0.1/24`.
  var title: String { get }
  /// In lines about an interface that does not exist: `address 10.0.0.1`.
  var shortTitle: String { get }
  /// The names and numbers of the requests, for the log: `RTM_NEWADDR(20)`.
  static var additionName: String { get }
  static var removalName: String { get }
}
