import ConfigurationSyntax
import Testing

@Suite("Snapshots of what was read")
struct SnapshotTests {
  private func files() -> MemoryFiles {
    let files = MemoryFiles(
      text: "list { ${_ENV X} ${_RANDOM} }\ninclude *.d\ninclude none\ninclude s/{e,f}\n")
    files.environmentVariables["X"] = "x1"
    files.contents["/etc/keepalived/1.d"] = .bytes(Array("list { one }\n".utf8))
    files.contents["/etc/keepalived/2.d"] = .failed("Permission denied")
    files.contents["/etc/keepalived/s/e"] = .bytes([0xff, 0, 10])
    return files
  }

  @Test("A replayed reading sees the same text and the same faults")
  func replay() throws {
    let recording = RecordingFiles(files())
    let first = Reading(recording, views: ReadingView.allCases)
    let snapshot = try FilesSnapshot(decoding: recording.snapshot.encoded())
    #expect(snapshot == recording.snapshot)
    let replayed = ReplayedFiles(snapshot)
    let second = Reading(replayed, views: ReadingView.allCases)
    #expect(second.notes == first.notes)
    #expect(second.context.diagnostics == first.context.diagnostics)
    #expect(!replayed.hasDiverged)
    replayed.rewind()
    #expect(Reading(replayed, views: [.parent]).notes[.parent] == first.notes[.parent])
  }

  @Test("A question that was not asked before finds nothing")
  func divergence() {
    let recording = RecordingFiles(files())
    _ = Reading(recording)
    let replayed = ReplayedFiles(recording.snapshot)
    let reading = Reading(replayed, pattern: "other.conf")
    #expect(replayed.hasDiverged)
    #expect(reading.messages == ["Config files missing 'other.conf'."])
  }

  @Test("Any other bytes are an error")
  func garbled() throws {
    let recording = RecordingFiles(files())
    _ = Reading(recording)
    let bytes = recording.snapshot.encoded()
    for length in 0..<bytes.count {
      #expect(throws: SnapshotError.self) {
        try FilesSnapshot(decoding: Array(bytes[..<length]))
      }
    }
    #expect(throws: SnapshotError.trailingBytes) { try FilesSnapshot(decoding: bytes + [0]) }
    #expect(throws: SnapshotError.unknownFormat) { try FilesSnapshot(decoding: [1] + bytes) }
    // Whatever a changed byte makes of it, it ends in an error or in another snapshot.
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0xff
      if let snapshot = try? FilesSnapshot(decoding: changed) {
        _ = Reading(ReplayedFiles(snapshot), views: [.parent, .vrrp])
      }
    }
  }
}
