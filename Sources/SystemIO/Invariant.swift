import CLinux

/// Checks what only a fault of this program can break. A broken invariant is logged, since a trap
/// says nothing in a release build, and then ends the process; its parent starts it again.
package func invariant(
  _ condition: @autoclosure () -> Bool, _ reason: StaticString, file: StaticString = #fileID,
  line: UInt = #line
) {
  if condition() { return }
  invariantBroken(reason, file: file, line: line)
}

/// What an invariant that is broken ends in; also for what no memory is left for.
package func invariantBroken(
  _ reason: StaticString, file: StaticString = #fileID, line: UInt = #line
) -> Never {
  let text = "Invariant broken at \(file):\(line): \(reason)"
  // Who takes none of it must not keep this process from its end.
  try? UnixDatagramSocket(connectedTo: "/dev/log").send(
    "<\(LOG_USER | LOG_CRIT)>keepalived: \(text)")
  _ = try? UnwaitedOutput(sharing: StandardStream.error.rawValue).write(
    Array("\(text)\n".utf8)[...])
  Processes.redirectStandardStreams()
  fatalError(text)
}
