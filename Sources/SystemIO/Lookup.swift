import CLinux
package import Primitives

/// Names that the C library finds for us.
package enum Lookup {
  package enum GlobFailure: Error {
    case noMatch
    /// What glob(3) returned.
    case failed(Int32)
  }

  /// The corresponding C function is `glob`, with directories marked by `/`. Braces mean nothing.
  package static func glob(_ pattern: [UInt8]) throws(GlobFailure) -> [[UInt8]] {
    var result = unsafe glob_t()
    defer { unsafe globfree(&result) }
    let pattern = (pattern + [0]).map { CChar(bitPattern: $0) }
    let status = unsafe CLinux.glob(pattern, GLOB_MARK, nil, &result)
    if status == GLOB_NOMATCH { throw .noMatch }
    if status != 0 { throw .failed(status) }
    var paths: [[UInt8]] = []
    for index in unsafe 0..<Int(result.gl_pathc) {
      guard let path = unsafe result.gl_pathv[index] else { continue }
      unsafe paths.append(Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
    }
    return paths
  }

  /// The first address of a host. Waits for the resolver: never in a child.
  package static func address(of host: String) -> IPAddress? {
    var first: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, nil, nil, &first) == 0, let entry = unsafe first else {
      return nil
    }
    defer { unsafe freeaddrinfo(entry) }
    guard let address = unsafe entry.pointee.ai_addr else { return nil }
    var storage = sockaddr_storage()
    let length = unsafe min(Int(entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
    unsafe withUnsafeMutableBytes(of: &storage) {
      unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
    }
    return IPAddress(storage)
  }

  /// The full name of a host. Waits for the resolver.
  package static func canonicalName(of host: String) -> String? {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_CANONNAME
    var first: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, nil, &hints, &first) == 0, let entry = unsafe first else {
      return nil
    }
    defer { unsafe freeaddrinfo(entry) }
    return unsafe entry.pointee.ai_canonname.map { unsafe String(cString: $0) }
  }

  package static func protocolNumber(_ name: String) -> Int32? {
    guard let entry = unsafe getprotobyname(name) else { return nil }
    return unsafe entry.pointee.p_proto
  }

  package static var onlineProcessors: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The C library's standard search path, for a process without `PATH`.
  package static var standardPath: String {
    var text = [CChar](repeating: 0, count: 512)
    let length = unsafe confstr(Int32(_CS_PATH), &text, text.count)
    return String(
      decoding: text.prefix(max(Int(length) - 1, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Numbers nobody can guess.
  package static var randomNumber: UInt64 {
    var value: UInt64 = 0
    _ = unsafe withUnsafeMutableBytes(of: &value) {
      unsafe getrandom($0.baseAddress, $0.count, 0)
    }
    return value
  }
}

/// Work with the rights of another account, for what must be decided by the kernel.
package enum Credentials {
  /// Runs `body` with the effective ids of an account, and takes the own ones back. Without the
  /// privilege to change them it runs with the own ones.
  package static func acting<Result>(as account: Program.Account, _ body: () -> Result) -> Result {
    let own = Program.Account.own
    if own == account || own.user != 0 { return body() }
    var groups = [gid_t](repeating: 0, count: 1024)
    let count = unsafe getgroups(Int32(groups.count), &groups)
    _ = unsafe setgroups(account.supplementaryGroups.count, account.supplementaryGroups)
    _ = setegid(account.group)
    _ = seteuid(account.user)
    defer {
      invariant(seteuid(own.user) == 0, "the own user id can be taken back")
      invariant(setegid(own.group) == 0, "the own group id can be taken back")
      _ = unsafe setgroups(Int(max(count, 0)), groups)
    }
    return body()
  }
}

/// What kind of file system a path is on.
package struct FileSystemKind: Sendable {
  package let magic: UInt64
  package let isReadOnly: Bool

  package init(of path: String) throws(Errno) {
    var status = statfs()
    try systemCall { unsafe statfs(path, &status) }
    magic = UInt64(bitPattern: Int64(status.f_type)) & 0xffff_ffff
    // ST_RDONLY
    isReadOnly = status.f_flags & 1 != 0
  }
}

extension FileSystemKind {
  /// inotify sees nothing there: the contents do not change by writing to the file, or elsewhere.
  package var isUnwatchable: Bool { Self.unwatchable.contains(magic) }

  /// The numbers of linux/magic.h: bpf, cgroup, cgroup2, debugfs, devpts, efivarfs, fuse, mqueue,
  /// nfs, pipefs, proc, romfs, selinux, smb, smb2, sockfs, sysfs, sysv2, sysv4, tracefs.
  private static let unwatchable: Set<UInt64> = [
    0xcafe_4a11, 0x27_e0eb, 0x6367_7270, 0x6462_6720, 0x1cd1, 0xde5e_81e4, 0x6573_5546, 0x1980_0202,
    0x6969, 0x5049_5045, 0x9fa0, 0x7275, 0xf97c_ff8c, 0x517b, 0xfe53_4d42, 0x534f_434b, 0x6265_6572,
    0x012f_f7b6, 0x012f_f7b5, 0x7472_6163,
  ]
}

/// What a file is to execve(2).
package enum ProgramFile {
  /// It begins with `#!` or is an ELF file.
  package static func isExecutedByKernel(_ path: String) -> Bool {
    guard let file = try? FileDescriptor.openForReading(path), let start = try? file.read(atMost: 4)
    else { return false }
    return start.starts(with: Array("#!".utf8)) || start == [0x7f, 0x45, 0x4c, 0x46]
  }
}

/// The kernel's process events connector.
package enum ProcessEvents {
  package static var areSupported: Bool {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let raw = CLinux.socket(AF_NETLINK, type, 11 /* NETLINK_CONNECTOR */)
    if raw < 0 { return false }
    _ = FileDescriptor(owning: raw)
    return true
  }
}
