import CLinux

/// What a file is to execve(2).
package enum ProgramFile {
  /// It begins with `#!` or is an ELF file.
  package static func isExecutedByKernel(_ path: String) -> Bool {
    guard let file = try? FileDescriptor.openForReading(path), let start = try? file.read(atMost: 4)
    else { return false }
    return start.starts(with: Array("#!".utf8)) || start == [0x7f, 0x45, 0x4c, 0x46]
  }
}
