/// A thing that is tracked. The process layer numbers the things of each kind as it likes.
package struct TrackerID: Hashable, Sendable {
  package enum Kind: UInt8, Hashable, Sendable {
    case interface
    /// The configured interface under a virtual MAC interface.
    case baseInterface
    case script, file, process, bfd
  }

  package var kind: Kind
  package var number: UInt32

  package init(_ kind: Kind, _ number: UInt32) {
    self.kind = kind
    self.number = number
  }
}
