import CLinux

/// Network and mount namespaces.
package enum Namespaces {
  package enum Failure: Error {
    case open(path: String)
    case enter(Errno)
  }

  /// Moves this process, and all that it starts, into a named network namespace.
  package static func enterNetwork(_ name: String) throws(Failure) {
    let path = "/run/netns/\(name)"
    guard let file = try? FileDescriptor.openForReading(path) else { throw .open(path: path) }
    let raw = file.rawValue
    do throws(Errno) { try systemCall { setns(raw, CLONE_NEWNET) } } catch { throw .enter(error) }
  }

  /// Does something in the network namespace of a file (`/run/netns/NAME`, `/proc/1/ns/net`), and
  /// comes back: sockets that are opened meanwhile belong to it for good.
  package static func insideNetwork(of path: String, _ body: () -> Void) throws(Failure) {
    guard let there = try? FileDescriptor.openForReading(path),
      let home = try? FileDescriptor.openForReading("/proc/thread-self/ns/net")
    else { throw .open(path: path) }
    let raw = there.rawValue
    do throws(Errno) { try systemCall { setns(raw, CLONE_NEWNET) } } catch { throw .enter(error) }
    body()
    invariant(setns(home.rawValue, CLONE_NEWNET) == 0, "the way back to the own namespace")
  }

  /// Mounts a directory over another, visible to this process and its children only.
  package static func mountPrivately(_ directory: String, over target: String) throws(Errno) {
    try systemCall { unshare(CLONE_NEWNS) }
    try systemCall { unsafe mount("", "/", "", UInt(MS_REC | MS_SLAVE), nil) }
    try systemCall { unsafe mount(directory, target, "", UInt(MS_BIND), nil) }
  }

  /// Also what is in use: nobody will find it by its name.
  package static func unmount(_ target: String) { _ = unsafe umount2(target, Int32(MNT_DETACH)) }
}
