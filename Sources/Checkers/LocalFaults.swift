import HealthChecking
import Logging
import Primitives
import SystemIO

/// What the log says when a check could not even begin.
struct LocalFaultNames {
  var noSocket: String
  var notBound: String

  static let tcp = LocalFaultNames(
    noSocket: "TCP connect fail to create socket. Rescheduling.",
    notBound: "TCP socket bind failed. Rescheduling.")
  static let http = LocalFaultNames(
    noSocket: "WEB connection fail to create socket. Rescheduling.",
    notBound: "WEB socket bind failed. Rescheduling")
  static let smtp = LocalFaultNames(
    noSocket: "SMTP_CHECK connection failed to create socket. Rescheduling.",
    notBound: "SMTP_CHECK socket bind failed. Rescheduling.")
  static let udp = LocalFaultNames(
    noSocket: "UDP connect fail to create socket. Rescheduling.",
    notBound: "UDP socket bind failed. Rescheduling.")

  static func dns(_ realServer: String) -> LocalFaultNames {
    LocalFaultNames(
      noSocket: "DNS_CHECK (\(realServer)) failed to create socket. Rescheduling.",
      notBound: "DNS_CHECK (\(realServer)) UDP socket bind failed. Rescheduling.")
  }
}

extension Exchange {
  /// Opens the socket and waits until it is connected.
  final func connect(_ target: ClientSocket, _ timeout: Microseconds) throws(ClientSocket.Fault) {
    let socket = try target.open()
    do throws(Errno) { try wait(on: socket, for: .writable) } catch { throw .socket(error) }
    limit(timeout)
  }

  /// A fault of this machine; nil if it is one of the server or of the way to it.
  final func result(of fault: ClientSocket.Fault, _ names: LocalFaultNames) -> CheckResult? {
    if fault.concernsServer { return nil }
    if case .socket = fault { return .postponed(reason: names.noSocket) }
    environment.tell(fault)
    return .postponed(reason: names.notBound)
  }
}

extension CheckEnvironment {
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
