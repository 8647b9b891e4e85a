import Primitives
import SystemIO

/// Which addresses are on interfaces through us, as far as the kernel has told.
struct InstalledAddresses {
  /// What makes an address on an interface one and the same for the kernel.
  struct Key: Hashable {
    var interface: InterfaceIndex
    var address: IPAddress
    var prefixLength: UInt8
  }

  private var keys: Set<Key> = []
  /// Removals of ours that the monitor has yet to report.
  private var expectedRemovals: [Key: Int] = [:]

  func contains(_ key: Key) -> Bool { keys.contains(key) }
  mutating func insert(_ key: Key) { keys.insert(key) }

  /// Whether it was there.
  mutating func remove(_ key: Key) -> Bool { keys.remove(key) != nil }

  /// The kernel has carried out a removal of ours, and will report it.
  mutating func expectRemoval(of key: Key) { expectedRemovals[key, default: 0] += 1 }

  /// The kernel reports a removal: whether somebody else took an address that was set.
  mutating func removalReported(_ key: Key) -> Bool {
    if let count = expectedRemovals[key] {
      expectedRemovals[key] = count > 1 ? count - 1 : nil
      return false
    }
    return keys.remove(key) != nil
  }

  /// The interface is gone, and all addresses with it.
  mutating func forget(_ interface: InterfaceIndex) {
    keys = keys.filter { $0.interface != interface }
    expectedRemovals = expectedRemovals.filter { $0.key.interface != interface }
  }

  /// After messages were lost: what the kernel really has. The addresses that are gone.
  mutating func resynchronize(_ present: Set<Key>) -> Set<Key> {
    expectedRemovals = [:]
    let lost = keys.subtracting(present)
    keys.subtract(lost)
    return lost
  }
}
