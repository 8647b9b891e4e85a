/// Why a BFD session last went down (RFC 5880 4.1): five bits.
package struct BFDDiagnostic: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let none = BFDDiagnostic(rawValue: 0)
  package static let detectionTimeExpired = BFDDiagnostic(rawValue: 1)
  package static let neighborSignaledDown = BFDDiagnostic(rawValue: 3)
  package static let administrativelyDown = BFDDiagnostic(rawValue: 7)
  package static let reverseConcatenatedPathDown = BFDDiagnostic(rawValue: 8)

  /// Not one that RFC 5880 reserves for future use.
  package var isAssigned: Bool { rawValue <= Self.reverseConcatenatedPathDown.rawValue }
}

extension BFDDiagnostic: CustomStringConvertible {
  package var description: String {
    switch rawValue {
    case 0: "No Diagnostic"
    case 1: "Control Detection Time Expired"
    case 2: "Echo Function Failed"
    case 3: "Neighbor Signaled Session Down"
    case 4: "Forwarding Plane Reset"
    case 5: "Path Down"
    case 6: "Concatenated Path Down"
    case 7: "Administratively Down"
    case 8: "Reverse Concatenated Path Down"
    default: "Unknown"
    }
  }
}
