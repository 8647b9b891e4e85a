import EventLoop
import Logging
import Primitives
import SystemIO

/// Watches the `reload_time_file`, and reloads at the time that it names.
final class ReloadSchedule: ReadinessHandler {
  private let path: String
  private let keepsDailyFile: Bool
  private let loop: EventLoop
  private let log: Log
  private let reload: () -> Void
  private let inotify: Inotify
  private var watch: EventLoop.Watch?
  private var alarm: Alarm?
  private var scheduled: ReloadTime?

  /// Nil if the directory of the file cannot be watched, which is logged.
  init?(
    path: String, keepsDailyFile: Bool, loop: EventLoop, log: Log, reload: @escaping () -> Void
  ) {
    self.path = path
    self.keepsDailyFile = keepsDailyFile
    self.loop = loop
    self.log = log
    self.reload = reload
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { String(path[...$0]) } ?? "/"
    do throws(Errno) {
      inotify = try Inotify()
      _ = try inotify.watch(directory)
      watch = try loop.watch(inotify.descriptor.rawValue, self)
    } catch {
      log.info("Unable to monitor reload timer file directory \(directory)- ignoring")
      return nil
    }
    read()
  }

  func stop() {
    if let watch { loop.unwatch(watch) }
    watch = nil
    alarm?.cancel()
  }

  func ready(_ readiness: Readiness, token: Int) {
    let name = path.split(separator: "/").last.map(String.init)
    for change in inotify.changes() {
      if change.kind == .directoryGone {
        log.info("Directory of reload timer file has disappeared. Monitoring stopped.")
        cancel()
        stop()
        return
      }
      if change.name == name || change.kind == .overrun { read() }
    }
  }

  private func read() {
    guard let line = FileSystem.line(of: path), !line.isEmpty else {
      cancel()
      return
    }
    do throws(ReloadTime.Failure) {
      schedule(try ReloadTime(line, now: Clock.wall.seconds, calendar: SystemCalendar()))
    } catch {
      cancel()
      switch error {
      case .format:
        log.info("Reload time \(line) format is incorrect - ignoring")
        log.info("Invalid reload time '\(line)' specified - ignoring")
      case .invalid: log.info("Reload date/time \(line) invalid - ignoring")
      case .past:
        log.info("Reload time \(line) is in the past - ignoring")
        log.info("Reload date/time is in the past - ignoring")
      }
    }
  }

  private func schedule(_ time: ReloadTime) {
    if let scheduled {
      if scheduled == time { return }
      log.info("Reload time updated from \(Self.text(scheduled)) to \(Self.text(time))")
    } else {
      log.info("Scheduling reload for \(Self.text(time))")
    }
    scheduled = time
    check(time)
  }

  /// Looks at the clock of the wall at least every minute: it may be set meanwhile.
  private func check(_ time: ReloadTime) {
    alarm?.cancel()
    let rest = time.seconds - Clock.wall.seconds
    alarm = loop.after(.seconds(min(max(rest, 0), 60))) { [weak self] in
      guard let self else { return }
      if Clock.wall.seconds < time.seconds { check(time) } else { fire(time) }
    }
  }

  private func fire(_ time: ReloadTime) {
    stop()
    if time.hasDate || !keepsDailyFile { FileSystem.remove(path) }
    scheduled = nil
    reload()
  }

  private func cancel() {
    if let scheduled { log.info("Cancelling reload scheduled for \(Self.text(scheduled))") }
    scheduled = nil
    alarm?.cancel()
    alarm = nil
  }

  private static func text(_ time: ReloadTime) -> String {
    Clock.localTime("%Y-%m-%d %H:%M:%S", seconds: time.seconds)
  }
}
