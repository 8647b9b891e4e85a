import Primitives
import Testing

@Suite("Addresses")
struct AddressTests {
  @Test(
    "An IPv6 address is written in its canonical form",
    arguments: [
      ("::", "::"), ("::1", "::1"), ("fe80::0001", "fe80::1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
      ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
      ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("1::", "1::"),
      ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
      ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("::1.2.3.4", "::1.2.3.4"),
    ])
  func canonical(text: String, expected: String) throws {
    let address = try #require(IPAddress(parsing: text))
    #expect(address.description == expected)
  }

  @Test(
    "Text that inet_pton refuses is no address",
    arguments: [
      "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1..2.3", "1.2.3.4 ", ":", ":::", "1:2",
      "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:", ":1", "::1.2.3",
      "1:2:3:4:5:6:7:1.2.3.4",
      "fe80::1%eth0",
    ])
  func refused(text: String) {
    #expect(IPAddress(parsing: text) == nil)
  }

  @Test("The virtual MAC address carries family and VRID")
  func virtualMAC() {
    let id = VirtualRouterID(rawValue: 51)
    #expect(MACAddress.virtualRouter(id, .ipv4).description == "00:00:5e:00:01:33")
    #expect(MACAddress.virtualRouter(id, .ipv6).description == "00:00:5e:00:02:33")
  }

  @Test("Time saturates instead of overflowing")
  func saturation() {
    #expect(Microseconds.seconds(.max) == .max)
    #expect(Microseconds.max + Microseconds(1) == .max)
    #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
    #expect(Microseconds(5) / 0 == .zero)
  }
}
