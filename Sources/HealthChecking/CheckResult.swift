/// How one attempt of a check ended.
package enum CheckResult: Hashable, Sendable {
  /// `proof`: what was seen to be right, as the log names it: `HTTP status code success to`.
  case passed(proof: String?)
  /// `detail`: what went wrong, as the log and the mail name it.
  case failed(detail: String)
  /// Something is short on this machine, as descriptors or ports: for a while that says nothing
  /// about the server. Whatever lasts is a failure.
  case postponed(reason: String)
  /// How the script of a MISC_CHECK ended.
  case script(ScriptVerdict)

  package enum ScriptVerdict: Hashable, Sendable {
    case exited(UInt8)
    case signalled(Int32)
    /// It had to be ended.
    case timedOut
    /// It could not be run.
    case notRun(reason: String)
  }
}
