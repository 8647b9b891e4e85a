/// Why a virtual router is in fault. It leaves fault only when all reasons are gone.
package struct FaultReasons: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A script, a file, a process or a BFD session.
  package static let tracker = FaultReasons(rawValue: 1)
  package static let interfaceDown = FaultReasons(rawValue: 2)
  package static let baseInterfaceDown = FaultReasons(rawValue: 4)
  package static let duplicateVirtualRouterID = FaultReasons(rawValue: 8)
  package static let noSourceAddress = FaultReasons(rawValue: 16)
  package static let configuration = FaultReasons(rawValue: 32)

  /// The words of the data dump, in its order.
  package var words: [String] {
    let all: [(FaultReasons, String)] = [
      (.tracker, "unspecified"), (.interfaceDown, "i/f down"),
      (.baseInterfaceDown, "base i/f down"), (.duplicateVirtualRouterID, "duplicate VRID"),
      (.noSourceAddress, "no source IP address"), (.configuration, "config error"),
    ]
    return all.filter { contains($0.0) }.map(\.1)
  }
}
