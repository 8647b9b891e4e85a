import CLinux
package import SystemIO

/// Asks again and again until it holds, at most ten seconds long; whether it did.
package func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<5000 {
    if condition() { return true }
    usleep(2000)
  }
  return condition()
}

/// Waits for the end of a child.
package func end(of process: Int32) -> ExitStatus? {
  var status: ExitStatus?
  _ = eventually {
    status = Processes.reap(process)
    return status != nil
  }
  return status
}

extension Program {
  /// A program under the own account, by its path and its arguments.
  package static func at(_ path: String, _ arguments: String...) -> Program {
    Program(path: path, arguments: [path] + arguments, account: .own)
  }
}
