import CLinux
package import Primitives

/// Buffers that datagrams are received into, several with one system call, and used again for the
/// next ones.
@safe package final class DatagramBatch {
  /// What the kernel tells of a datagram beside its bytes.
  package struct Envelope {
    package var source: IPAddress?
    /// Of UDP; meaningless for raw sockets.
    package var sourcePort: UInt16
    package var destination: IPv6Address?
    package var hopLimit: UInt8?
    package var interface: InterfaceIndex
    /// The whole length if the buffer was too small for it.
    package var truncatedFrom: Int?
  }

  package let capacity: Int
  package let count: Int
  private let storage: UnsafeMutableRawBufferPointer
  private let datagrams: UnsafeMutableBufferPointer<clinux_datagram>

  package init(count: Int = 16, capacity: Int) {
    self.capacity = capacity
    let count = min(count, Int(CLINUX_DATAGRAMS_MAX))
    self.count = count
    unsafe storage = .allocate(byteCount: count * capacity, alignment: 16)
    unsafe datagrams = .allocate(capacity: count)
    for index in 0..<count {
      var datagram = unsafe clinux_datagram()
      unsafe datagram.buffer = storage.baseAddress.map { unsafe $0 + index * capacity }?
        .assumingMemoryBound(to: UInt8.self)
      unsafe datagram.capacity = capacity
      unsafe datagrams.initializeElement(at: index, to: datagram)
    }
  }

  deinit {
    unsafe storage.deallocate()
    unsafe datagrams.deallocate()
  }

  /// How many datagrams were waiting; `EAGAIN` is none.
  package func receive(from socket: borrowing FileDescriptor) throws(Errno) -> Int {
    let fd = socket.rawValue
    do throws(Errno) {
      return Int(
        try systemCall {
          unsafe clinux_recvmmsg(fd, datagrams.baseAddress, UInt32(datagrams.count))
        })
    } catch {
      if error == .again { return 0 }
      throw error
    }
  }

  /// Lends the bytes of the datagram `index` of the last `receive`.
  package func withDatagram(_ index: Int, _ body: (Span<UInt8>, Envelope) -> Void) {
    invariant(unsafe datagrams.indices.contains(index), "a datagram that was received")
    let datagram = unsafe datagrams[index]
    let whole = unsafe max(datagram.length, 0)
    let length = min(whole, capacity)
    let envelope = unsafe Envelope(
      source: IPAddress(datagram.source), sourcePort: IPAddress.port(datagram.source),
      destination: datagram.has_destination != 0 ? IPv6Address(datagram.destination) : nil,
      hopLimit: UInt8(exactly: datagram.hop_limit),
      interface: InterfaceIndex(rawValue: datagram.interface),
      truncatedFrom: whole > capacity ? whole : nil)
    let bytes = unsafe UnsafeBufferPointer(start: datagram.buffer, count: length)
    body(unsafe bytes.span, envelope)
  }
}
