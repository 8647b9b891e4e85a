/// Why the kernel refused a request: its error number.
package struct RequestFailure: Error, RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32
  package init(rawValue: Int32) { self.rawValue = rawValue }

  package static let permission = RequestFailure(rawValue: 1)
  package static let noEntry = RequestFailure(rawValue: 2)
  package static let noProcess = RequestFailure(rawValue: 3)
  package static let interrupted = RequestFailure(rawValue: 4)
  package static let noMemory = RequestFailure(rawValue: 12)
  package static let exists = RequestFailure(rawValue: 17)
  package static let invalid = RequestFailure(rawValue: 22)
  package static let messageTooLong = RequestFailure(rawValue: 90)
  package static let noSuchOption = RequestFailure(rawValue: 92)
  package static let notSupported = RequestFailure(rawValue: 95)
  package static let familyNotSupported = RequestFailure(rawValue: 97)

  /// What the number means for such a request; nil where it means what it means everywhere.
  func text(of action: Request.Action) -> StaticString? {
    switch (action, self) {
    case (.addService, .exists): "Service already exists"
    case (.addService, .noEntry), (.changeService, .noEntry):
      "Scheduler or persistence engine not found"
    case (.addDestination, .exists): "Destination already exists"
    case (.changeDestination, .noEntry), (.deleteDestination, .noEntry): "No such destination"
    case (.startDaemon, .exists): "Daemon has already run"
    case (.stopDaemon, .noProcess): "No daemon is running"
    default: Self.texts[self]
    }
  }

  private static let texts: [RequestFailure: StaticString] = [
    .noProcess: "No such service",
    .permission: "Permission denied (you must be root)",
    .invalid:
      "Invalid operation.  Possibly wrong module version, address not unicast, ...",
    .noSuchOption: "Protocol not available",
    .noMemory: "Memory allocation problem",
    .notSupported: "Operation not supported with IPv6",
    .familyNotSupported: "Operation not supported with specified address family",
    .messageTooLong: "Module is wrong version",
  ]
}
