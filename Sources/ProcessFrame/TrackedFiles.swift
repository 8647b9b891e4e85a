package import Configuration
package import EventLoop
package import Logging
import Primitives
package import SystemIO

/// Watches files that hold a number on which something depends.
package final class TrackedFiles: ReadinessHandler {
  private struct Entry {
    var definition: TrackFile
    var directory: Int32
    var name: String
    var path: String
  }

  private let loop: EventLoop
  private let log: Log
  private let changed: (Int, Int) -> Void
  private var inotify: Inotify?
  private var watch: EventLoop.Watch?
  private var entries: [Int: Entry] = [:]
  private var trackers: [FileTracker] = []

  /// `changed` is told which file of the configuration it is, and its value.
  package init(loop: EventLoop, log: Log, changed: @escaping (Int, Int) -> Void) {
    self.loop = loop
    self.log = log
    self.changed = changed
  }

  /// Begins to watch the files of a new configuration, and reads them.
  package func start(_ files: [TrackFile], isFirstStart: Bool) {
    stop()
    trackers = Array(repeating: FileTracker(), count: files.count)
    if files.isEmpty { return }
    do throws(Errno) {
      let inotify = try Inotify()
      watch = try loop.watch(inotify.descriptor.rawValue, self)
      self.inotify = inotify
    } catch {
      log.error("Unable to monitor tracked files - \(error)")
      return
    }
    for (number, file) in files.enumerated() {
      if isFirstStart { initialize(file) }
      begin(number, file)
    }
  }

  package func stop() {
    if let watch { loop.unwatch(watch) }
    watch = nil
    inotify = nil
    entries = [:]
  }

  private func initialize(_ file: TrackFile) {
    guard let initial = file.initFile else { return }
    let exists = (try? FileSystem.status(file.file, followingLinks: false)) != nil
    if exists && !initial.overwrite { return }
    do throws(Errno) {
      try FileSystem.replace(file.file, with: Array("\(initial.value)\n".utf8), mode: 0o666)
    } catch { log.info("Unable to initialise track file \(file.file) - \(error)") }
  }

  private func begin(_ number: Int, _ file: TrackFile) {
    // Links are followed once, now.
    let path = (try? FileSystem.realPath(file.file)) ?? file.file
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { String(path[...$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    do throws(Errno) {
      guard let inotify else { return }
      let id = try inotify.watch(directory)
      entries[number] = Entry(definition: file, directory: id, name: name, path: path)
      _ = readValue(number, path)
    } catch {
      log.info("Track file directory for \(file.name) does not exist - removing")
    }
  }

  package func value(_ number: Int) -> Int { trackers[number].value }

  /// Whether the value is another now.
  private func readValue(_ number: Int, _ path: String) -> Bool {
    guard let file = try? FileDescriptor.openForReading(path),
      let bytes = try? file.read(atMost: FileTracker.readLimit)
    else { return trackers[number].vanished() }
    do throws(FileTracker.InvalidNumber) { return try trackers[number].read(bytes.span) } catch {
      log.info(error.message(path: path))
      return false
    }
  }

  package func ready(_ readiness: Readiness, token: Int) {
    for change in inotify?.changes() ?? [] {
      switch change.kind {
      case .overrun: for number in entries.keys.sorted() { read(number) }
      case .written: forEach(change) { read($0) }
      case .gone: forEach(change) { vanished($0) }
      case .directoryGone: break
      }
    }
  }

  private func forEach(_ change: Inotify.Change, _ body: (Int) -> Void) {
    for (number, entry) in entries.sorted(by: { $0.key < $1.key })
    where entry.directory == change.directory && entry.name == change.name {
      body(number)
    }
  }

  private func read(_ number: Int) {
    guard let entry = entries[number] else { return }
    if readValue(number, entry.path) { changed(number, trackers[number].value) }
  }

  private func vanished(_ number: Int) {
    if trackers[number].vanished() { changed(number, trackers[number].value) }
  }
}
