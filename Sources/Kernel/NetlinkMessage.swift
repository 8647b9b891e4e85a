import CNetlink
import CLinux
import Primitives
import SystemIO

/// A netlink message that is being written (libnl's `nl_msg`).
@safe package final class NetlinkRequest {
  let message: OpaquePointer
  /// What it asks for, for log lines: `RTM_NEWADDR`.
  package let name: StaticString
  package let type: UInt16

  /// `NLM_F_REQUEST` is always set.
  package init(_ name: StaticString, type: Int, flags: Int32 = 0) {
    self.name = name
    self.type = UInt16(truncatingIfNeeded: type)
    guard let message = unsafe nlmsg_alloc_simple(Int32(type), flags | NLM_F_REQUEST) else {
      invariantBroken("no memory for a netlink message")
    }
    unsafe self.message = message
  }

  deinit { unsafe nlmsg_free(message) }

  /// The fixed header of the message's family.
  func append<Header: BitwiseCopyable>(_ header: Header) {
    var header = header
    let size = MemoryLayout<Header>.size
    _ = unsafe nlmsg_append(message, &header, size, Int32(NLMSG_ALIGNTO))
  }

  func attribute<Value: BitwiseCopyable>(_ type: Int, _ value: Value) {
    var value = value
    let size = MemoryLayout<Value>.size
    _ = unsafe nla_put(message, Int32(type), Int32(size), &value)
  }

  func attribute(_ type: Int, _ address: IPAddress) {
    switch address {
    case .ipv4(let address): attribute(type, address.bits.bigEndian)
    case .ipv6(let address):
      attribute(type, [address.high.bigEndian, address.low.bigEndian] as [2 of UInt64])
    }
  }

  func attribute(_ type: Int, octets: [UInt8]) {
    _ = unsafe octets.withUnsafeBytes {
      unsafe nla_put(message, Int32(type), Int32($0.count), $0.baseAddress)
    }
  }

  /// A text with its NUL.
  func attribute(_ type: Int, text: String) {
    _ = unsafe nla_put_string(message, Int32(type), text)
  }

  func nested(_ type: Int, _ body: () -> Void) {
    guard let start = unsafe nla_nest_start(message, Int32(type)) else { return }
    body()
    _ = unsafe nla_nest_end(message, start)
  }

  /// The bytes to send, with their sequence number set.
  func bytes(sequence: UInt32) -> [UInt8] {
    guard let header = unsafe nlmsg_hdr(message) else { return [] }
    unsafe header.pointee.nlmsg_seq = sequence
    unsafe header.pointee.nlmsg_pid = 0
    let length = unsafe Int(header.pointee.nlmsg_len)
    var bytes = unsafe Array(UnsafeRawBufferPointer(start: header, count: length))
    bytes += repeatElement(0, count: (4 - length % 4) % 4)
    return bytes
  }
}

/// A netlink message that came in: its family header and its attributes, each checked against the
/// length of the message.
package struct NetlinkMessage: Sendable {
  package let type: UInt16
  package let sender: UInt32
  let payload: [UInt8]

  init(type: UInt16, sender: UInt32, payload: [UInt8]) {
    self.type = type
    self.sender = sender
    self.payload = payload
  }

  init(_ header: UnsafePointer<nlmsghdr>) {
    let length = unsafe max(Int(header.pointee.nlmsg_len) - MemoryLayout<nlmsghdr>.size, 0)
    let payload = unsafe Array(
      UnsafeRawBufferPointer(
        start: UnsafeRawPointer(header) + MemoryLayout<nlmsghdr>.size, count: length))
    unsafe self.init(
      type: header.pointee.nlmsg_type, sender: header.pointee.nlmsg_pid, payload: payload)
  }

  func header<Header: BitwiseCopyable>(_ type: Header.Type) -> Header? {
    Self.load(payload[...], type)
  }

  /// The attributes behind a family header of `offset` bytes.
  func attributes(after offset: Int) -> NetlinkAttributes {
    NetlinkAttributes(offset <= payload.count ? payload[offset...] : [])
  }

  static func load<Value: BitwiseCopyable>(_ bytes: ArraySlice<UInt8>, _ type: Value.Type) -> Value?
  {
    guard bytes.count >= MemoryLayout<Value>.size else { return nil }
    return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Value.self) }
  }
}

/// A run of attributes: (length, type, value), aligned to four bytes.
struct NetlinkAttributes: Sequence, IteratorProtocol {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func next() -> (type: Int, value: ArraySlice<UInt8>)? {
    guard rest.count >= 4 else { return nil }
    let start = rest.startIndex
    let length = Int(rest[start]) | Int(rest[start + 1]) << 8
    // The two highest bits are flags: nested, and the byte order.
    let type = (Int(rest[start + 2]) | Int(rest[start + 3]) << 8) & 0x3fff
    guard length >= 4, length <= rest.count else { return nil }
    let value = rest[start + 4..<start + length]
    rest = rest.dropFirst((length + 3) & ~3)
    return (type, value)
  }
}

extension ArraySlice<UInt8> {
  var netlinkUInt32: UInt32? { NetlinkMessage.load(self, UInt32.self) }

  var netlinkText: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }

  var netlinkAddress: IPAddress? {
    if count == 4, let bits = netlinkUInt32 {
      return .ipv4(IPv4Address(bits: UInt32(bigEndian: bits)))
    }
    if count == 16, let halves = NetlinkMessage.load(self, [2 of UInt64].self) {
      return .ipv6(
        IPv6Address(high: UInt64(bigEndian: halves[0]), low: UInt64(bigEndian: halves[1])))
    }
    return nil
  }
}
