import Wire

/// Any octets as what a mail server says.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
  let reply = SMTPReply(decoding: bytes.span)
  precondition((reply == nil) == (line.count == bytes.count), "a line without an end")
  guard let code = reply?.code else { return 0 }
  let digits = String(1000 + Int(code)).utf8.dropFirst()
  precondition(line.starts(with: digits) && (line.count == 3 || line[3] == UInt8(ascii: " ")))
  return 0
}
