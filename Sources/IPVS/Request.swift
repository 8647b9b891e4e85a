/// A change of IPVS, with all that an error message names.
package struct Request: Hashable, Sendable {
  package enum Action: Hashable, Sendable {
    case addService(Service)
    case changeService(Service)
    case deleteService(Service)
    case addDestination(Destination, Service)
    case changeDestination(Destination, Service)
    case deleteDestination(Destination, Service)
    /// All services, also those of others.
    case flush
    case setTimeouts(Timeouts)
    case startDaemon(SyncDaemon)
    case stopDaemon(SyncDaemon.Role, syncID: UInt8)
  }

  package let action: Action

  package init(_ action: Action) { self.action = action }

  package var service: Service? {
    switch action {
    case .addService(let service), .changeService(let service), .deleteService(let service),
      .addDestination(_, let service), .changeDestination(_, let service),
      .deleteDestination(_, let service):
      service
    case .flush, .setTimeouts, .startDaemon, .stopDaemon: nil
    }
  }

  package var destination: Destination? {
    switch action {
    case .addDestination(let destination, _), .changeDestination(let destination, _),
      .deleteDestination(let destination, _):
      destination
    case .addService, .changeService, .deleteService, .flush, .setTimeouts, .startDaemon,
      .stopDaemon:
      nil
    }
  }

  /// What the log calls the change: names and numbers of an older interface of the kernel, which
  /// readers of logs know.
  package var command: (name: StaticString, number: Int) {
    switch action {
    case .addService: ("IP_VS_SO_SET_ADD", 1154)
    case .changeService: ("IP_VS_SO_SET_EDIT", 1155)
    case .deleteService: ("IP_VS_SO_SET_DEL", 1156)
    case .flush: ("IP_VS_SO_SET_FLUSH", 1157)
    case .addDestination: ("IP_VS_SO_SET_ADDDEST", 1159)
    case .deleteDestination: ("IP_VS_SO_SET_DELDEST", 1160)
    case .changeDestination: ("IP_VS_SO_SET_EDITDEST", 1161)
    case .setTimeouts: ("IP_VS_SO_SET_TIMEOUT", 1162)
    case .startDaemon: ("IP_VS_SO_SET_STARTDAEMON", 1163)
    case .stopDaemon: ("IP_VS_SO_SET_STOPDAEMON", 1164)
    }
  }

  /// The line of the log about a failure; `systemText` is the C library's text for its number.
  package func complaint(_ failure: RequestFailure, systemText: String) -> String {
    let text = failure.text(of: action).map { "\($0)" } ?? systemText
    let command = command
    var line = "IPVS cmd \(command.name)(\(command.number)) error: \(text)(\(failure.rawValue))"
    if let service {
      line += " (\(service.identity)"
      if let destination { line += " -> \(destination.identity)" }
      line += ")"
    }
    return line
  }
}
