import CLinux
package import SystemIO

/// Asks the drivers of interfaces for their links, for those that do not tell the kernel.
package struct LinkProbe: ~Copyable {
  package enum Method: String, Hashable, Sendable, CaseIterable {
    /// The status register of the transceiver.
    case mii = "MII"
    case ethtool = "ETHTOOL"
    /// The flags of the interface alone.
    case ioctl = "IOCTL"
  }

  private let socket: FileDescriptor

  package init() throws(Errno) {
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    socket = FileDescriptor(owning: try systemCall { CLinux.socket(AF_INET, type, 0) })
  }

  /// Whether there is a link; nil if the driver cannot be asked so.
  package func link(of interface: String, by method: Method) -> Bool? {
    let answer: Int32
    switch method {
    case .mii: answer = unsafe clinux_link_by_mii(socket.rawValue, interface)
    case .ethtool: answer = unsafe clinux_link_by_ethtool(socket.rawValue, interface)
    case .ioctl: return true
    }
    return answer < 0 ? nil : answer == 1
  }

  /// Whether it is switched on and has a carrier for the kernel.
  package func isUp(_ interface: String) -> Bool {
    unsafe clinux_link_by_flags(socket.rawValue, interface) == 1
  }
}
