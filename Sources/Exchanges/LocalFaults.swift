import Logging
package import SystemIO

/// What the log says when an exchange could not even begin.
package struct LocalFaultNames {
  package var noSocket: String
  package var notBound: String

  package init(noSocket: String, notBound: String) {
    self.noSocket = noSocket
    self.notBound = notBound
  }
}

extension Exchange {
  /// Why it is a fault of this machine; nil if it is one of the server or of the way to it.
  package func localFault(_ fault: ClientSocket.Fault, _ names: LocalFaultNames) -> String? {
    if fault.concernsServer { return nil }
    if case .socket = fault { return names.noSocket }
    environment.tell(fault)
    return names.notBound
  }
}

extension ExchangeEnvironment {
  /// Says what of a fault is not said by its consequence; that of `connect` once while it lasts.
  fileprivate func tell(_ fault: ClientSocket.Fault) {
    switch fault {
    case .socket: break
    case .mark(let mark, let error): log.info("Error setting fwmark \(mark) to socket: \(error)")
    case .device(let name, let error):
      log.info("Checker can't bind to device \(name): \(error)")
    case .bind(let error): log.info("Checker bind failed: \(error)")
    case .connect(let error):
      if error == lastConnectError { return }
      lastConnectError = error
      log.detail("socket connect error \(error.rawValue) - \(error)")
    }
  }
}
