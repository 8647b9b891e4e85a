/// A user and a group as numbers, resolved when the text was read.
package struct ScriptAccount: Hashable, Sendable {
  package var user: UInt32
  package var group: UInt32
  /// Exactly the groups that a script gets besides; empty unless asked for.
  package var supplementaryGroups: [UInt32]

  package init(user: UInt32, group: UInt32, supplementaryGroups: [UInt32] = []) {
    self.user = user
    self.group = group
    self.supplementaryGroups = supplementaryGroups
  }
}

/// A program that the configuration names, checked and ready to run.
package struct Script: Hashable, Sendable {
  /// argv; the first word is the program as configured (a name found by path search: its path).
  package var arguments: [String]
  /// What is executed: the resolved path, or the configured one with `use_symlink_paths`.
  package var path: String
  package var account: ScriptAccount
  package var form: Form = .program

  package enum Form: Hashable, Sendable {
    /// Executed directly.
    case program
    /// Neither `#!` nor a binary: the shell runs it.
    case shell
    /// `</path`: succeeds if the file can be opened.
    case fileTest
  }

  package init(arguments: [String], account: ScriptAccount) {
    self.arguments = arguments
    path = arguments.first ?? ""
    self.account = account
  }
}
