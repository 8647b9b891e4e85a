import CLinux

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
