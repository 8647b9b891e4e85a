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
  /// What is short on this machine; nil if the server cannot be reached from here, be it because of
  /// the server, the way to it, or what it is to be reached from. What is behind it is logged, once
  /// while it lasts.
  package func shortage(_ fault: ClientSocket.Fault, _ names: LocalFaultNames) -> String? {
    if isNews(fault) { tell(fault) }
    guard fault.isShortage else { return nil }
    if case .socket = fault { return names.noSocket }
    return names.notBound
  }

  private func tell(_ fault: ClientSocket.Fault) {
    if fault.isRefusal { return }
    switch fault {
    case .socket(let error):
      if !fault.isShortage { log.info("Checker can't create socket: \(error)") }
    case .mark(let mark, let error): log.info("Error setting fwmark \(mark) to socket: \(error)")
    case .device(let name, let error):
      log.info("Checker can't bind to device \(name): \(error)")
    case .bind(let error): log.info("Checker bind failed: \(error)")
    case .connect(let error): log.detail("socket connect error \(error.rawValue) - \(error)")
    }
  }
}
