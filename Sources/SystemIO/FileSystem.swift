import CLinux

/// What a path names, links not followed or followed.
package struct FileStatus: Sendable {
  package enum Kind: Sendable { case regular, directory, link, fifo, characterDevice, other }

  package var kind: Kind
  /// The permission bits with setuid, setgid and sticky.
  package var mode: UInt32
  package var owner: UInt32
  package var group: UInt32
  package var size: Int64

  package init(of file: borrowing FileDescriptor) throws(Errno) {
    var status = stat()
    let raw = file.rawValue
    try systemCall { unsafe fstat(raw, &status) }
    self.init(status)
  }

  init(_ status: stat) {
    let mode = status.st_mode
    kind =
      clinux_is_regular(mode) != 0
      ? .regular
      : clinux_is_directory(mode) != 0
        ? .directory
        : clinux_is_link(mode) != 0
          ? .link
          : clinux_is_fifo(mode) != 0
            ? .fifo : clinux_is_character_device(mode) != 0 ? .characterDevice : .other
    self.mode = mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
    size = Int64(status.st_size)
  }
}

/// Files by their names.
package enum FileSystem {
  package static func status(_ path: String, followingLinks: Bool = true) throws(Errno)
    -> FileStatus
  {
    var status = stat()
    try systemCall {
      followingLinks ? unsafe stat(path, &status) : unsafe lstat(path, &status)
    }
    return FileStatus(status)
  }

  /// The whole contents, refused beyond `limit` bytes (`EFBIG`).
  package static func contents(of path: String, limit: Int = 1 << 26) throws(Errno) -> [UInt8] {
    let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
    return try contents(of: file, limit: limit)
  }

  package static func contents(of file: borrowing FileDescriptor, limit: Int) throws(Errno)
    -> [UInt8]
  {
    var all: [UInt8] = []
    while true {
      let piece = try file.read(atMost: 65536)
      if piece.isEmpty { return all }
      all += piece
      if all.count > limit { throw .tooLarge }
    }
  }

  /// The first line of a small file of the kernel, without its end.
  package static func line(of path: String) -> String? {
    guard let file = try? FileDescriptor.openForReading(path),
      let bytes = try? file.read(atMost: 4096)
    else { return nil }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }

  /// Writes a setting of the kernel; no link is followed.
  package static func setKernelValue(_ path: String, _ value: String) throws(Errno) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_NOFOLLOW)
    try file.writeAll(Array(value.utf8))
  }

  /// Replaces `path` at once: the text goes to a new file beside it that then takes its name, so
  /// that no link is followed and no reader sees half of it.
  package static func replace(_ path: String, with text: [UInt8], mode: UInt32) throws(Errno) {
    var template = Array((path + "XXXXXX").utf8CString)
    let raw = try systemCall { unsafe mkostemp(&template, O_CLOEXEC) }
    let file = FileDescriptor(owning: raw)
    let temporary = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    do throws(Errno) {
      try systemCall { fchmod(raw, mode & ~currentMask) }
      try file.writeAll(text)
      try systemCall { unsafe rename(temporary, path) }
    } catch {
      _ = unsafe unlink(temporary)
      throw error
    }
  }

  /// As the kernel shows it: umask(2) cannot tell without changing it for a moment, in all threads.
  package static var currentMask: UInt32 {
    let key = Array("Umask:\t".utf8)
    if let status = try? contents(of: "/proc/self/status", limit: 65536),
      let line = status.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: key) }),
      let mask = UInt32(String(decoding: line.dropFirst(key.count), as: UTF8.self), radix: 8)
    {
      return mask
    }
    let mask = umask(0o177)
    _ = umask(mask)
    return mask
  }

  package static func setMask(_ mask: UInt32) { _ = umask(mask) }

  /// As the effective user.
  package static func canWrite(_ path: String) -> Bool {
    unsafe faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0
  }

  /// As the effective user.
  package static func canExecute(_ path: String) -> Bool {
    unsafe faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0
  }

  package static func remove(_ path: String) { _ = unsafe unlink(path) }
  package static func removeDirectory(_ path: String) { _ = unsafe rmdir(path) }

  /// Creates a directory with exactly `mode`; one that is there already is fine. Whether it was
  /// made.
  @discardableResult
  package static func createDirectory(_ path: String, mode: UInt32) throws(Errno) -> Bool {
    do throws(Errno) {
      try systemCall { unsafe mkdir(path, mode) }
      try systemCall { unsafe chmod(path, mode) }
      return true
    } catch {
      if error != .exists { throw error }
      if try status(path).kind != .directory { throw error }
      return false
    }
  }

  /// Creates a FIFO for its reader; false if the name is taken already.
  package static func createFIFO(_ path: String, mode: UInt32) throws(Errno) -> Bool {
    do throws(Errno) {
      try systemCall { unsafe mkfifo(path, mode) }
      return true
    } catch {
      if error == .exists { return false }
      throw error
    }
  }

  package static func setOwner(_ path: String, user: UInt32, group: UInt32) throws(Errno) {
    try systemCall { unsafe lchown(path, user, group) }
  }

  /// The path without links, `.` and `..`.
  package static func realPath(_ path: String) throws(Errno) -> String {
    guard let resolved = unsafe realpath(path, nil) else { throw .current }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  package static var workingDirectory: String {
    guard let path = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
  }

  /// What the name means in a directory, though that be left.
  package static func absolute(_ path: String, in directory: String) -> String {
    if path.hasPrefix("/") { return path }
    return directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
  }

  /// The names in a directory, without `.` and `..`, sorted.
  package static func names(in directory: String) throws(Errno) -> [String] {
    guard let stream = unsafe opendir(directory) else { throw .current }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
