import BFDTestSupport
import Testing
import Wire

@Suite("BFD control packets")
struct BFDControlPacketTests {
  static func meaning(_ packet: BFDControlPacket) -> String {
    let names: [(BFDFlags, String)] = [
      (.poll, "P"), (.final, "F"), (.controlPlaneIndependent, "C"), (.authenticationPresent, "A"),
      (.demand, "D"), (.multipoint, "M"),
    ]
    let flags = names.filter { packet.flags.contains($0.0) }.map(\.1).joined()
    return "\(packet.state) \(packet.diagnostic.rawValue) \(flags.isEmpty ? "-" : flags)"
      + " \(packet.detectMultiplier) \(packet.myDiscriminator) \(packet.yourDiscriminator)"
      + " \(packet.desiredMinTxInterval) \(packet.requiredMinRxInterval)"
      + " \(packet.requiredMinEchoRxInterval)"
  }

  @Test("A captured packet means what it should, and encodes to the same octets")
  func captured() throws {
    for captured in CapturedPackets.captured {
      let packet = try BFDControlPacket(decoding: captured.octets.span)
      #expect(Self.meaning(packet) == captured.meaning, "\(captured.name)")
      #expect(packet.versionNumber == 1)
      #expect(Int(packet.announcedLength) == captured.octets.count)
      var copy = [UInt8](repeating: 0xaa, count: BFDControlPacket.length)
      var span = copy.mutableSpan
      packet.encode(into: &span)
      #expect(copy == captured.octets, "\(captured.name)")
    }
    #expect(CapturedPackets.captured.count + CapturedPackets.crafted.count == 107)
  }

  @Test("Any octets decode and encode to the same")
  func lossless() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let octets = (0..<24).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let packet = try BFDControlPacket(decoding: octets.span)
      var copy = [UInt8](repeating: 0, count: 26)
      var span = copy.mutableSpan
      packet.encode(into: &span, at: 2)
      #expect(Array(copy[2...]) == octets)
    }
  }

  @Test("Every change of one bit shows in the value")
  func mutations() throws {
    for captured in CapturedPackets.captured {
      let original = try BFDControlPacket(decoding: captured.octets.span)
      for bit in 0..<captured.octets.count * 8 {
        var octets = captured.octets
        octets[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        #expect(try BFDControlPacket(decoding: octets.span) != original)
      }
    }
  }

  @Test("Fewer octets than a header are refused")
  func truncated() {
    for count in 0..<24 {
      let octets = [UInt8](repeating: 0x20, count: count)
      #expect(throws: DecodeError.truncated) { try BFDControlPacket(decoding: octets.span) }
    }
  }

  @Test("Diagnostics and states have the names of RFC 5880")
  func names() {
    #expect(BFDDiagnostic(rawValue: 8).description == "Reverse Concatenated Path Down")
    #expect(BFDDiagnostic(rawValue: 9).description == "Unknown")
    #expect(!BFDDiagnostic(rawValue: 9).isAssigned)
    #expect(BFDState.allCases.map(\.description) == ["AdminDown", "Down", "Init", "Up"])
    #expect(Discriminator(rawValue: 0x1020304).description == "0x01020304")
  }
}
