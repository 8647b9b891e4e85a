import CLinux
import CXTables
package import Firewall
package import Primitives
package import SystemIO

/// The rules of iptables and ip6tables of the network namespace that this process is in.
package enum XTablesChannel {
  package struct Failure: Error {
    /// Which change was refused first; nil: the exchange of the table.
    package var place: Int?
    package var reason: Errno

    package init(place: Int?, reason: Errno) {
      self.place = place
      self.reason = reason
    }
  }

  /// Somebody else may change the table between our reading and writing it.
  private static let attempts = 4

  /// All of the changes, or none of them.
  package static func perform(
    _ changes: [XTablesChange], _ family: AddressFamily
  ) throws(Failure) {
    var rules = changes.map(rule)
    var place = 0
    var error: Int32 = 0
    for _ in 0..<attempts {
      error = unsafe rules.withUnsafeMutableBufferPointer {
        unsafe cxtables_change(Int32(family.version), $0.baseAddress, $0.count, &place)
      }
      if error != EAGAIN { break }
    }
    if error == 0 { return }
    throw Failure(place: place >= 0 ? place : nil, reason: Errno(rawValue: error))
  }

  /// Whether its libraries are there.
  package static var isAvailable: Bool { cxtables_is_available() != 0 }

  /// Whether there is a chain of a name in the table `filter`.
  package static func holdsChain(_ name: String, _ family: AddressFamily) throws(Errno) -> Bool {
    try systemCall { unsafe cxtables_has_chain(Int32(family.version), name) } == 1
  }

  private static func rule(_ change: XTablesChange) -> cxtables_rule {
    let rule = change.rule
    var result = cxtables_rule()
    let operation: cxtables_operation =
      switch change.operation {
      case .add: rule.isFirst ? cxtables_insert : cxtables_append
      case .remove: cxtables_delete
      case .removeAll: cxtables_delete_all
      }
    result.operation = operation.rawValue
    fill(&result.chain, Array(change.chain.utf8))
    result.accepts = rule.accepts ? 1 : 0
    if let source = rule.source {
      result.has_source = 1
      fill(&result.source, source.octets)
    }
    if let destination = rule.destination {
      result.has_destination = 1
      fill(&result.destination, destination.octets)
    }
    result.protocol = rule.protocolNumber ?? 0
    result.icmp_type = rule.icmpv6Type.map(Int16.init) ?? -1
    if let interface = rule.interface {
      switch rule.way {
      case .input: fill(&result.input, Array(interface.utf8))
      case .output: fill(&result.output, Array(interface.utf8))
      }
    }
    if let set = rule.set {
      fill(&result.set, Array(set.name.utf8))
      result.set_fields = UInt8(truncatingIfNeeded: set.sides.count)
      for (index, side) in set.sides.enumerated() where side == .source {
        result.set_sources |= 2 << index
      }
    }
    return result
  }

  /// A field of the C library's kind; what does not fit, with a NUL behind it for texts, is cut.
  private static func fill<Field: BitwiseCopyable>(_ field: inout Field, _ octets: [UInt8]) {
    unsafe withUnsafeMutableBytes(of: &field) { bytes in
      let count = min(octets.count, bytes.count)
      for index in 0..<count { unsafe bytes[index] = octets[index] }
    }
  }
}
