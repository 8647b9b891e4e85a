import CLinux

/// Reports what happens to the files of directories.
package final class Inotify {
  package let descriptor: FileDescriptor

  /// What happened to a file.
  package struct Change: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      /// Written and closed, or moved to this name.
      case written
      /// Deleted, or moved to another name.
      case gone
      /// The watch is no more: its directory has gone.
      case directoryGone
      /// Changes were lost: everything must be looked at again.
      case overrun
    }
    package var directory: Int32
    package var name: String
    package var kind: Kind
  }

  package init() throws(Errno) {
    descriptor = FileDescriptor(
      owning: try systemCall { inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK)) })
  }

  /// The number of the directory in changes.
  package func watch(_ directory: String) throws(Errno) -> Int32 {
    let mask = UInt32(IN_CLOSE_WRITE | IN_DELETE | IN_MOVE | IN_ONLYDIR)
    return try systemCall { unsafe inotify_add_watch(descriptor.rawValue, directory, mask) }
  }

  package func unwatch(_ directory: Int32) { _ = inotify_rm_watch(descriptor.rawValue, directory) }

  /// What has happened since the last call, as far as one buffer holds it.
  package func changes() -> [Change] {
    guard let bytes = try? descriptor.read(atMost: 8192) else { return [] }
    var changes: [Change] = []
    var rest = bytes[...]
    let size = MemoryLayout<inotify_event>.size
    while rest.count >= size {
      let event = unsafe rest.withUnsafeBytes { unsafe $0.loadUnaligned(as: inotify_event.self) }
      let length = Int(event.len)
      guard rest.count >= size + length else { break }
      let start = rest.startIndex + size
      let name = String(
        decoding: rest[start..<start + length].prefix { $0 != 0 }, as: UTF8.self)
      if let kind = Self.kind(event.mask) {
        changes.append(Change(directory: event.wd, name: name, kind: kind))
      }
      rest = rest[(start + length)...]
    }
    return changes
  }

  private static func kind(_ mask: UInt32) -> Change.Kind? {
    if mask & UInt32(IN_Q_OVERFLOW) != 0 { return .overrun }
    if mask & UInt32(IN_IGNORED) != 0 { return .directoryGone }
    if mask & UInt32(IN_ISDIR) != 0 { return nil }
    if mask & UInt32(IN_CLOSE_WRITE | IN_MOVED_TO) != 0 { return .written }
    if mask & UInt32(IN_DELETE | IN_MOVED_FROM) != 0 { return .gone }
    return nil
  }
}
