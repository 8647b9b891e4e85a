import Wire

/// Any octets as the answer of a name server, as the name that one is asked for, and as the answer
/// to an echo request.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  let header = try? DNSHeader(decoding: bytes.span)
  precondition((header == nil) == (bytes.count < DNSHeader.length))
  precondition(header.map { $0.responseCode < 16 } ?? true)
  check(DNSQuery(identifier: 0xa55a, type: 6, name: String(decoding: bytes, as: UTF8.self)))
  if let message = try? EchoMessage(decoding: bytes.span) {
    precondition(message.encoded([]).count == EchoMessage.headerLength)
    precondition((try? EchoMessage(decoding: message.encoded([1]).span)) == message)
  }
  return 0
}

private func check(_ query: DNSQuery) {
  guard let message = query.encoded else { return }
  let header = try? DNSHeader(decoding: message.span)
  precondition(header?.identifier == query.identifier && header?.isResponse == false)
  // Walks the labels as a server does (RFC 1035 4.1.2).
  var offset = DNSHeader.length
  var labels: [String] = []
  while message[offset] != 0 {
    let next = offset + 1 + Int(message[offset])
    precondition(message[offset] < 64 && next < message.count)
    labels.append(String(decoding: message[(offset + 1)..<next], as: UTF8.self))
    offset = next
  }
  precondition(labels.joined(separator: ".") == query.name, "another name")
  precondition(message.count == offset + 5 && offset + 1 - DNSHeader.length <= 255)
}
