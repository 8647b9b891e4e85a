import CLinux
import SystemIO

/// The kernel's process events connector.
package enum ProcessEvents {
  package static var areSupported: Bool {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = CLinux.socket(AF_NETLINK, type, 11 /* NETLINK_CONNECTOR */)
    if raw < 0 { return false }
    _ = FileDescriptor(owning: raw)
    return true
  }
}
