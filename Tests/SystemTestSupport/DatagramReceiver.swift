import CLinux
package import SystemIO

/// Listens where a test wants a syslog daemon to be.
package final class DatagramReceiver {
  private let descriptor: FileDescriptor

  package init(at path: String) throws(Errno) {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    descriptor = FileDescriptor(owning: try systemCall { socket(AF_UNIX, type, 0) })
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
      for (index, byte) in path.utf8.prefix(field.count - 1).enumerated() {
        unsafe field[index] = byte
      }
    }
    var storage = sockaddr_storage()
    unsafe withUnsafeMutableBytes(of: &storage) {
      unsafe $0.storeBytes(of: address, as: sockaddr_un.self)
    }
    let raw = descriptor.rawValue
    try systemCall {
      unsafe clinux_bind(raw, &storage, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }

  /// The next message; nil if none is waiting.
  package func receive() -> String? {
    guard let bytes = try? descriptor.read(atMost: 65536) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
