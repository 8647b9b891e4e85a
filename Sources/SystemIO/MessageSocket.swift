import CLinux

/// One end of a pair of connected sockets that keep messages apart (SOCK_SEQPACKET, unix(7)).
/// Neither end ever waits.
package final class MessageSocket {
  private let socket: FileDescriptor

  private init(_ socket: consuming FileDescriptor) { self.socket = socket }

  package static func pair() throws(Errno) -> (MessageSocket, MessageSocket) {
    let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    var ends: [Int32] = [-1, -1]
    try systemCall {
      unsafe ends.withUnsafeMutableBufferPointer {
        unsafe socketpair(AF_UNIX, type, 0, $0.baseAddress)
      }
    }
    return (
      MessageSocket(FileDescriptor(owning: ends[0])), MessageSocket(FileDescriptor(owning: ends[1]))
    )
  }

  package var descriptor: Int32 { socket.rawValue }

  /// Sends a whole message or none; `EAGAIN` when the other end has not read enough of the earlier
  /// ones, `EPIPE` when it is gone.
  package func send(_ message: [UInt8]) throws(Errno) {
    try systemCall {
      unsafe message.withUnsafeBytes {
        unsafe CLinux.send(socket.rawValue, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
    }
  }

  /// The next message, cut at `limit` octets; `EAGAIN` when none waits. An empty one is the end.
  package func receive(atMost limit: Int) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let got = try systemCall {
      unsafe bytes.withUnsafeMutableBytes {
        unsafe recv(socket.rawValue, $0.baseAddress, $0.count, 0)
      }
    }
    bytes.removeLast(limit - got)
    return bytes
  }
}
