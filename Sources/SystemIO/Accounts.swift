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
