import CLinux

/// The system's users and groups.
package enum Accounts {
  package static var realUser: UInt32 { getuid() }

  package static func user(_ name: String) -> (user: UInt32, group: UInt32)? {
    guard let entry = unsafe getpwnam(name) else { return nil }
    return unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
  }

  package static func group(_ name: String) -> UInt32? {
    guard let entry = unsafe getgrnam(name) else { return nil }
    return unsafe entry.pointee.gr_gid
  }

  package static func userName(_ id: UInt32) -> String? {
    guard let entry = unsafe getpwuid(id) else { return nil }
    return unsafe String(cString: entry.pointee.pw_name)
  }

  /// All groups of a user, its primary one among them.
  package static func groups(of name: String, primary: UInt32) -> [UInt32] {
    var count: Int32 = 64
    var groups = [gid_t](repeating: 0, count: Int(count))
    while unsafe getgrouplist(name, primary, &groups, &count) < 0 {
      if count > 65536 { return [primary] }
      groups = [gid_t](repeating: 0, count: Int(count))
    }
    return Array(groups.prefix(Int(count)))
  }
}

/// What the system says of itself.
package struct SystemName {
  /// The kernel version whose headers the program was built with.
  package static var kernelHeaders: (Int, Int, Int) {
    let code = Int(clinux_linux_version_code())
    return (code >> 16, code >> 8 & 0xff, code & 0xff)
  }

  package let system: String
  package let node: String
  package let release: String
  package let version: String

  package init() {
    var names = utsname()
    _ = unsafe uname(&names)
    func text<Field>(_ field: Field) -> String {
      unsafe withUnsafeBytes(of: field) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    system = text(names.sysname)
    node = text(names.nodename)
    release = text(names.release)
    version = text(names.version)
  }
}
