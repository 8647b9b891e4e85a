import CLinux
package import Primitives

/// Sends whole frames, their link-layer header included, on any interface.
package final class LinkLayerSocket {
  private let socket: FileDescriptor

  package init() throws(Errno) {
    let type = Int32(SOCK_RAW.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    // Protocol 0: it receives nothing.
    socket = FileDescriptor(owning: try systemCall { CLinux.socket(AF_PACKET, type, 0) })
  }

  package func send(_ frame: Span<UInt8>, on interface: InterfaceIndex) throws(Errno) {
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_ifindex = Int32(bitPattern: interface.rawValue)
    var storage = sockaddr_storage()
    unsafe withUnsafeMutableBytes(of: &storage) {
      unsafe $0.storeBytes(of: address, as: sockaddr_ll.self)
    }
    let fd = socket.rawValue
    try systemCall {
      unsafe frame.withUnsafeBufferPointer { bytes in
        unsafe withUnsafePointer(to: storage) {
          unsafe clinux_sendto(
            fd, bytes.baseAddress, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
        }
      }
    }
  }
}
