package import Logging
package import SystemIO

/// A FIFO that state changes are written to, a line each.
///
/// It is opened for reading and writing, so that a write neither waits for a reader nor fails
/// without one; when it is full, lines are lost.
package final class NotificationFIFO {
  package let path: String
  private let descriptor: FileDescriptor
  private let isOurs: Bool
  private let log: Log
  /// Already complained about: a reader that sleeps must not fill the log too.
  private var hasLost = false

  /// `kind` is the word in messages: empty, `vrrp ` or `lvs `. `beforeOpening` starts the reader.
  package init?(
    path: String, owner: Program.Account, kind: String, log: Log, beforeOpening: () -> Void
  ) {
    self.path = path
    self.log = log
    let prefix = kind.isEmpty ? "" : "\(kind)_"
    do throws(Errno) {
      isOurs = try FileSystem.createFIFO(path, mode: 0o644 & ~FileSystem.currentMask)
    } catch {
      log.info("Unable to create \(prefix)notify fifo \(path)")
      return nil
    }
    if isOurs && owner != .own {
      do throws(Errno) {
        try FileSystem.setOwner(path, user: owner.user, group: owner.group)
      } catch { log.info("Failed to set uid:gid for fifo \(path)") }
    }
    guard let there = try? FileSystem.status(path, followingLinks: false), there.kind == .fifo,
      there.owner == Program.Account.own.user || there.owner == owner.user
    else {
      log.info("\(prefix)notify fifo \(path) is not a fifo we own - not using")
      return nil
    }
    beforeOpening()
    do throws(Errno) { descriptor = try FileDescriptor.openFIFO(path) } catch {
      log.info("Unable to open \(prefix)notify fifo \(path) - errno \(error.rawValue)")
      return nil
    }
  }

  package func write(_ line: String) {
    do throws(Errno) {
      try descriptor.write(Array(line.utf8))
      hasLost = false
    } catch {
      if error == .again {
        if !hasLost { log.info("notify fifo \(path) is full: lines are lost until it is read") }
        hasLost = true
      } else {
        log.info("notify fifo write error: \(error)")
      }
    }
  }

  /// Removes it from the file system if this process made it.
  package func remove() {
    if isOurs { FileSystem.remove(path) }
  }
}
