import Wire

/// Any octets as the answer of a web server: the first one says where a piece of it ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  guard let first = bytes.first else { return 0 }
  let buffer = Array(bytes.dropFirst())
  let whole = HTTPResponseHead(decoding: buffer.span)
  let piece = Array(buffer.prefix(Int(first) * buffer.count / 255))
  if let early = HTTPResponseHead(decoding: piece.span) {
    precondition(early.length == whole?.length && early.statusCode == whole?.statusCode)
  } else {
    let later = HTTPResponseHead(decoding: buffer.span, searched: piece.count)
    precondition(later == whole, "another head in two pieces")
  }
  check(whole, in: buffer)
  return 0
}

private func check(_ head: HTTPResponseHead?, in buffer: [UInt8]) {
  let end = Array("\r\n\r\n".utf8)
  let limit = min(buffer.count, HTTPResponseHead.longest)
  let place = limit < 4 ? nil : (0...limit - 4).first { Array(buffer[$0..<$0 + 4]) == end }
  precondition(place.map { $0 + 4 } == head?.length, "another end")
  guard let head else { return }
  precondition(head.statusCode <= 999)
  if let length = head.contentLength {
    precondition(contains(buffer, Array(String(length).utf8)), "a length from nowhere")
  }
}

private func contains(_ buffer: [UInt8], _ digits: [UInt8]) -> Bool {
  // Zeros may stand before it.
  buffer.indices.contains { buffer[$0...].starts(with: digits) }
}
