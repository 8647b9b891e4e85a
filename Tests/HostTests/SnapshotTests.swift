import Configuration
import ConfigurationSyntax
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@testable import Host

@Suite("Snapshot for children")
struct SnapshotTests {
  func snapshot() -> ConfigurationSnapshot {
    let files = RecordingFiles(MemoryFiles(text: "vrrp_instance V { }\n"))
    _ = files.read(Array("keepalived.conf".utf8), in: Array("/etc/keepalived".utf8), limit: 1000)
    var answers = LookupAnswers()
    answers["user", "web"] = "33 33"
    answers["address", "none.example"] = ""
    return ConfigurationSnapshot(files: files.snapshot, lookups: answers)
  }

  @Test("A child gets what its parent has read")
  func roundTrip() throws {
    let snapshot = snapshot()
    let decoded = try #require(ConfigurationSnapshot(decoding: snapshot.encoded()))
    #expect(decoded.files == snapshot.files)
    #expect(decoded.lookups == snapshot.lookups)
  }

  @Test("Bytes that were cut or changed are refused or read, never trapped over")
  func garbled() {
    let bytes = snapshot().encoded()
    for count in 0..<bytes.count {
      #expect(ConfigurationSnapshot(decoding: Array(bytes.prefix(count))) == nil)
    }
    for index in bytes.indices {
      for value: UInt8 in [0, 1, 0x7f, 0xff] {
        var changed = bytes
        changed[index] = value
        _ = ConfigurationSnapshot(decoding: changed)
      }
    }
  }

  @Test("A child never asks what its parent did not ask")
  func children() {
    let parent = RememberingHost(SystemHost(interfaces: []))
    let root = parent.user(named: "root")
    #expect(root?.user == 0)
    let child = RememberingHost(SystemHost(interfaces: []), answers: parent.answers)
    #expect(child.user(named: "root")?.user == 0)
    #expect(child.user(named: "daemon") == nil)
    #expect(child.resolve("localhost") == nil)
  }
}
