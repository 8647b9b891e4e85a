import CLinux

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
