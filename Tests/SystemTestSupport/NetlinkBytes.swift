@testable package import Kernel

/// Messages of rtnetlink, byte by byte.
package enum NetlinkBytes {
  package static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    let length = UInt16(4 + value.count)
    let padding = [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    return number(length) + number(type) + value + padding
  }

  package static func text(_ type: UInt16, _ text: String) -> [UInt8] {
    attribute(type, Array(text.utf8) + [0])
  }

  /// In the byte order of this machine.
  package static func number<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    let size = MemoryLayout<Number>.size
    return (0..<size).map { UInt8(truncatingIfNeeded: number.littleEndian >> (8 * Number($0))) }
  }

  /// ifinfomsg.
  package static func linkHeader(_ index: UInt32, flags: UInt32, hardware: UInt16 = 1) -> [UInt8] {
    [0, 0] + number(hardware) + number(index) + number(flags) + number(UInt32(0))
  }

  /// ifaddrmsg.
  package static func addressHeader(_ index: UInt32, family: UInt8, prefix: UInt8, flags: UInt8 = 0)
    -> [UInt8]
  {
    [family, prefix, flags, 0] + number(index)
  }

  /// An interface that is up, with a carrier, unless `flags` say otherwise.
  package static func link(
    _ name: String, index: UInt32, flags: UInt32 = 0x1_1043, extra: [UInt8] = []
  ) -> [UInt8] {
    linkHeader(index, flags: flags) + text(3, name) + attribute(4, number(UInt32(1500)))
      + attribute(1, [2, 0, 0, 0, 0, UInt8(truncatingIfNeeded: index)])
      + attribute(2, [UInt8](repeating: 0xff, count: 6)) + extra
  }

  /// IFLA_LINKINFO of a kind with one number of its own.
  package static func kind(_ kind: String, _ type: UInt16, _ value: [UInt8]) -> [UInt8] {
    attribute(18, text(1, kind) + attribute(2, attribute(type, value)))
  }
}

extension NetworkInterface {
  /// The interface that the kernel would describe so.
  package static func parsed(_ bytes: [UInt8]) -> NetworkInterface? {
    NetworkInterface(NetlinkMessage(type: 16, sender: 0, payload: bytes))
  }

  package static func ethernet(_ name: String, _ index: UInt32, extra: [UInt8] = [])
    -> [NetworkInterface]
  {
    [parsed(NetlinkBytes.link(name, index: index, extra: extra))].compactMap { $0 }
  }
}
