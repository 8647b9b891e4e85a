/// Why a virtual router became MASTER (RFC 6527, vrrpv3OperationsStatus).
package enum MasterReason: UInt8, Hashable, Sendable {
  case notMaster = 0
  case priority = 1
  case preempted = 2
  case masterNoResponse = 3
}
