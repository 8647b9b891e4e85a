import SystemIO

/// The local syslog daemon, spoken to without ever waiting for it: a daemon that keeps addresses
/// alive must not hang because the logger does. What cannot be taken is counted and reported.
final class SyslogSocket {
  private var socket: UnixDatagramSocket?
  private var lost = 0
  /// When there was nobody to speak to: the second in which it need not be tried again.
  private var deafSecond: Int64?
  let path: String

  init(path: String = "/dev/log") { self.path = path }

  /// `second`: the time.
  func send(_ message: @autoclosure () -> String, priority: Int32, second: Int64) {
    if deafSecond == second {
      lost += 1
      return
    }
    deafSecond = nil
    send(message(), priority)
    if socket == nil { deafSecond = second }
  }

  private func send(_ message: String, _ priority: Int32) {
    if lost > 0, attempt("<\(priority)>keepalived: \(lost) log messages were lost") { lost = 0 }
    if lost > 0 || !attempt("<\(priority)>\(message)") { lost += 1 }
  }

  private func attempt(_ message: String) -> Bool {
    do throws(Errno) {
      try connected().send(message)
      return true
    } catch {
      if error == .again { return false }
    }
    // The syslog daemon may have been started again: once more with a new connection.
    socket = nil
    do throws(Errno) {
      try connected().send(message)
      return true
    } catch { return false }
  }

  private func connected() throws(Errno) -> UnixDatagramSocket {
    if let socket { return socket }
    let new = try UnixDatagramSocket(connectedTo: path)
    socket = new
    return new
  }
}
