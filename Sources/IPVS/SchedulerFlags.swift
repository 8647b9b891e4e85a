/// What the schedulers of IPVS leave to the service; what a flag means goes by the scheduler.
package struct SchedulerFlags: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// flag-1, `sh-fallback`, `mh-fallback`.
  package static let first = SchedulerFlags(rawValue: 0x08)
  /// flag-2, `sh-port`, `mh-port`.
  package static let second = SchedulerFlags(rawValue: 0x10)
  /// flag-3.
  package static let third = SchedulerFlags(rawValue: 0x20)
}
