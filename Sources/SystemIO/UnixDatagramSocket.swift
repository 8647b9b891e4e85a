import CLinux

/// Sends datagrams to a socket in the file system, never waiting.
package final class UnixDatagramSocket {
  private let socket: FileDescriptor

  package init(connectedTo path: String) throws(Errno) {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    socket = FileDescriptor(owning: try systemCall { CLinux.socket(AF_UNIX, type, 0) })
    let raw = socket.rawValue
    // A name that begins with @ is in the abstract namespace.
    try systemCall { unsafe path.withCString { unsafe clinux_connect_unix(raw, $0) } }
  }

  package func send(_ message: String) throws(Errno) {
    let raw = socket.rawValue
    var message = message
    try systemCall {
      message.withUTF8 {
        unsafe CLinux.send(raw, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      }
    }
  }
}
