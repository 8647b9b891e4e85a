import CLinux

/// A program to run: a script with its arguments and the account it runs as.
package struct Program: Hashable, Sendable {
  /// Who a program runs as.
  package struct Account: Hashable, Sendable {
    package var user: UInt32
    package var group: UInt32
    package var supplementaryGroups: [UInt32]

    package init(user: UInt32, group: UInt32, supplementaryGroups: [UInt32] = []) {
      self.user = user
      self.group = group
      self.supplementaryGroups = supplementaryGroups
    }

    /// The daemon's own account.
    package static var own: Account { Account(user: geteuid(), group: getegid()) }
  }

  package var path: String
  /// With the program's name as the first one.
  package var arguments: [String]
  package var account: Account

  package init(path: String, arguments: [String], account: Account) {
    self.path = path
    self.arguments = arguments
    self.account = account
  }
}

/// What scripts get back: the limits that were in force before the daemon changed its own.
package struct OriginalLimits {
  let descriptors: rlimit
  let core: rlimit

  package init() {
    descriptors = Resources.limit(RLIMIT_NOFILE)
    core = Resources.limit(RLIMIT_CORE)
  }
}

extension Program {
  /// A program that was started.
  package struct Started: ~Copyable {
    package let process: Int32
    /// Says why the exec failed; empty at its end when it succeeded. Not blocking.
    package let failure: FileDescriptor
  }

  /// Starts the program in a process group of its own, with standard streams on /dev/null, all
  /// other descriptors closed but `inherited`, default signals, and the inherited environment less
  /// what could change how it is loaded or split.
  package func start(limits: OriginalLimits, inherited: Int32 = -1) throws(Errno) -> Started {
    var ends: [Int32] = [-1, -1]
    try systemCall {
      unsafe ends.withUnsafeMutableBufferPointer {
        unsafe pipe2($0.baseAddress, O_CLOEXEC | O_NONBLOCK)
      }
    }
    let failure = FileDescriptor(owning: ends[0])
    let report = FileDescriptor(owning: ends[1])
    let null = try FileDescriptor.open("/dev/null", O_RDWR)

    let groups = account.supplementaryGroups
    let changesAccount = account != .own
    let environment = unsafe Environment.ofScripts
    let process = unsafe withCStrings(arguments) { argv in
      unsafe environment.withUnsafeBufferPointer { environment in
        unsafe path.withCString { path in
          unsafe groups.withUnsafeBufferPointer { groups in
            var request = unsafe clinux_program(
              path: path, arguments: argv, environment: environment.baseAddress, uid: account.user,
              gid: account.group, changes_account: changesAccount ? 1 : 0,
              groups: groups.baseAddress, group_count: groups.count,
              descriptors: limits.descriptors, core: limits.core, report_fd: report.rawValue,
              null_fd: null.rawValue, inherited_fd: inherited)
            return unsafe clinux_spawn(&request)
          }
        }
      }
    }
    if process < 0 { throw .current }
    return Started(process: process, failure: failure)
  }
}

/// Lends a NULL terminated vector of C strings.
func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var vector = unsafe strings.map { unsafe strdup($0) }
  unsafe vector.append(nil)
  defer { unsafe vector.forEach { unsafe free($0) } }
  return unsafe vector.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else {
      invariantBroken("an array with an element has a base")
    }
    return unsafe body(base)
  }
}
