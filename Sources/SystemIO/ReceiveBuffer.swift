import CLinux

/// Room that everything is received into, one socket after the other: what is to be kept must be
/// copied before the next one is read.
@safe package final class ReceiveBuffer {
  package let capacity: Int
  private let storage: UnsafeMutableRawBufferPointer

  package init(capacity: Int) {
    self.capacity = capacity
    unsafe storage = .allocate(byteCount: capacity, alignment: 16)
    // Nothing of an earlier use of this memory can ever be taken for received.
    unsafe storage.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { unsafe storage.deallocate() }

  /// Lends the part that begins at `offset` and has room for at most `limit` octets.
  func withRoom<Result>(
    at offset: Int, limit: Int, _ body: (UnsafeMutableRawBufferPointer) -> Result
  ) -> Result {
    let start = min(max(offset, 0), capacity)
    let end = start + min(max(limit, 0), capacity - start)
    return unsafe body(UnsafeMutableRawBufferPointer(rebasing: storage[start..<end]))
  }

  /// Receives once from an open socket; how many octets, 0 at the end of the stream.
  package func receive(from socket: Int32, at offset: Int = 0, limit: Int = .max) throws(Errno)
    -> Int
  {
    try systemCall {
      unsafe withRoom(at: offset, limit: limit) {
        unsafe recv(socket, $0.baseAddress, $0.count, 0)
      }
    }
  }

  /// Puts octets that were kept in front of those to come.
  package func store(_ bytes: [UInt8]) {
    unsafe withRoom(at: 0, limit: bytes.count) { room in
      for index in room.indices { unsafe room[index] = bytes[index] }
    }
  }

  package func copy(_ count: Int) -> [UInt8] {
    unsafe withRoom(at: 0, limit: count) { unsafe Array($0) }
  }

  /// Lends the first octets.
  package func withOctets<Result>(_ count: Int, _ body: (Span<UInt8>) -> Result) -> Result {
    unsafe withRoom(at: 0, limit: count) { room in
      let bytes = unsafe UnsafeBufferPointer(room.assumingMemoryBound(to: UInt8.self))
      return body(unsafe bytes.span)
    }
  }
}
