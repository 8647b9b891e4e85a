package import Primitives

/// The virtual routers that share a socket, by VRID.
package struct ReceiveTable: Sendable {
  package let family: AddressFamily
  /// Several unicast routers may have one VRID if their peers differ.
  private var candidates: [[RouterIndex]] = Array(repeating: [], count: 256)

  package init(family: AddressFamily) { self.family = family }

  package mutating func insert(_ router: RouterIndex, _ id: VirtualRouterID) {
    candidates[Int(id.rawValue)].append(router)
  }

  func routers(_ id: VirtualRouterID) -> [RouterIndex] { candidates[Int(id.rawValue)] }
}
