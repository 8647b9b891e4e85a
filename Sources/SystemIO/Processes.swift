import CLinux

/// How a process ended.
package enum ExitStatus: Hashable, Sendable {
  case exited(Int32)
  case signalled(Int32)

  init(waitStatus: Int32) {
    self =
      clinux_wifexited(waitStatus) != 0
      ? .exited(clinux_wexitstatus(waitStatus)) : .signalled(clinux_wtermsig(waitStatus))
  }
}

package enum Processes {
  package static var current: Int32 { getpid() }
  package static var parent: Int32 { getppid() }

  /// The corresponding C function is `fork`. Only while the process has one thread.
  package static func fork() throws(Errno) -> Int32 {
    _ = fflush(nil)
    return try systemCall { CLinux.fork() }
  }

  /// Ends the process at once: no exit handlers, no buffers written twice.
  package static func exit(_ status: Int32) -> Never { _exit(status) }

  /// A descriptor that becomes readable when the process ends.
  package static func open(_ process: Int32) throws(Errno) -> FileDescriptor {
    FileDescriptor(owning: try systemCall { clinux_pidfd_open(process) })
  }

  /// The status of a child that has ended, without waiting; nil while it runs.
  package static func reap(_ process: Int32) -> ExitStatus? {
    var status: Int32 = 0
    let result = unsafe waitpid(process, &status, WNOHANG)
    return result == process ? ExitStatus(waitStatus: status) : nil
  }

  /// A child that has ended and waits to be reaped.
  package static var ended: Int32? {
    let process = clinux_ended_child()
    return process > 0 ? process : nil
  }

  /// Ends this process when its parent ends, also when the parent already has.
  package static func endWithParent(_ expectedParent: Int32) {
    _ = clinux_set_parent_death_signal(SIGTERM)
    if getppid() != expectedParent { kill(getpid(), SIGTERM) }
  }

  package static func adoptOrphans() { _ = clinux_set_child_subreaper() }

  package static func setName(_ name: String) {
    _ = unsafe name.withCString { unsafe clinux_set_process_name($0) }
  }

  /// Leaves the terminal for good.
  package static func detach() {
    _ = setsid()
    redirectStandardStreams()
  }

  /// Keeps no file system from being unmounted.
  package static func leaveWorkingDirectory() { _ = unsafe chdir("/") }

  /// Opens what is closed of the standard streams: a file that got the number of one of them would
  /// be replaced in the background and in scripts.
  package static func completeStandardStreams() {
    while let null = try? FileDescriptor.open("/dev/null", O_RDWR), null.rawValue <= 2 {
      _ = clinux_fcntl(null.rawValue, F_SETFD, 0)
      null.leaveOpen()
    }
  }

  package static func redirectStandardStreams() {
    guard let null = try? FileDescriptor.open("/dev/null", O_RDWR) else { return }
    for stream in Int32(0)...2 { _ = dup2(null.rawValue, stream) }
  }
}
