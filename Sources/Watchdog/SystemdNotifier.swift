import Primitives
import SystemIO

/// Tells the service manager how far we are (sd_notify(3)); without `NOTIFY_SOCKET` nobody is told.
struct SystemdNotifier {
  enum State {
    case ready
    case reloading
    case stopping
    /// A child cannot run: the error number says why.
    case failed(Int32)
  }

  private let socket: UnixDatagramSocket?

  init() {
    socket = Environment["NOTIFY_SOCKET"].flatMap { try? UnixDatagramSocket(connectedTo: $0) }
  }

  func tell(_ state: State) {
    let message =
      switch state {
      case .ready: "READY=1\nMAINPID=\(Processes.current)"
      // systemd 253 and later want to know when the reload began.
      case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Clock.now.microseconds)"
      case .stopping: "STOPPING=1"
      case .failed(let number): "ERRNO=\(number)"
      }
    try? socket?.send(message)
  }
}
