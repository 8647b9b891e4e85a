import ConfigurationSyntax

/// Who scripts run as when their line does not say so.
struct ScriptAccounts {
  enum Standard {
    /// Not needed so far.
    case unknown
    case account(ScriptAccount)
    /// It cannot be determined: scripts without an account of their own are refused.
    case refused
  }

  var standard: Standard = .unknown
}

extension Reading {
  /// Resolves `USER [GROUP]`; nil after a note of what does not exist.
  ///
  /// GROUP `:` asks for the user's supplementary groups too, `:NAME` for those and another primary
  /// group.
  func account(_ words: ArraySlice<Word>, at line: Statement) -> ScriptAccount? {
    guard let name = words.first?.text else { return nil }
    guard let user = host.user(named: name) else {
      report(.note, "Script user '\(name)' does not exist", at: line)
      return nil
    }
    var account = ScriptAccount(user: user.user, group: user.group)
    var supplementary = global.scripts.setSupplementaryGroups
    if var group = words.dropFirst().first?.text {
      if group.hasPrefix(":") {
        supplementary = true
        group.removeFirst()
      }
      if !group.isEmpty {
        guard let number = host.group(named: group) else {
          report(.note, "Script group '\(group)' does not exist", at: line)
          return nil
        }
        account.group = number
      }
    }
    if supplementary {
      account.supplementaryGroups = host.supplementaryGroups(ofUser: name, group: account.group)
    }
    return account
  }

  /// The account of scripts without one of their own; nil after a report, made once.
  func standardAccount(at place: SourceLocation?) -> ScriptAccount? {
    switch accounts.standard {
    case .account(let account): return account
    case .refused: return nil
    case .unknown: break
    }
    if let account = namedStandardAccount() {
      accounts.standard = .account(account)
      return account
    }
    if global.scripts.enableScriptSecurity {
      report(
        .general, "Unable to set default user keepalived_script for script", at: place)
      accounts.standard = .refused
      return nil
    }
    report(.note, "Script user 'keepalived_script' does not exist", at: place)
    accounts.standard = .account(host.ownAccount)
    return host.ownAccount
  }

  private func namedStandardAccount() -> ScriptAccount? {
    let name = "keepalived_script"
    guard let user = host.user(named: name) else { return nil }
    let groups =
      global.scripts.setSupplementaryGroups
      ? host.supplementaryGroups(ofUser: name, group: user.group) : []
    return ScriptAccount(user: user.user, group: user.group, supplementaryGroups: groups)
  }

  /// A `… CMD [USER [GROUP]]` line as a script that has not been checked yet.
  ///
  /// Nil if it cannot be used; the reference only logs that, so the exit status does not show it.
  func script(_ line: Statement, what: String) throws(ReadingStop) -> Script? {
    guard let parts = try context.script(line), let program = parts.arguments.first else {
      return nil
    }
    let account: ScriptAccount?
    if parts.account.isEmpty {
      account = standardAccount(at: line.location)
    } else {
      account = self.account(parts.account[...], at: line)
    }
    guard let account else {
      report(.remark, "Invalid user/group for \(what) script \(program) - ignoring", at: line)
      if let word = parts.account.first {
        report(
          .hint, "'\(word.text)' behind the command is taken for a user", at: line,
          expected: "quotes around the command and its arguments")
      }
      return nil
    }
    if parts.account.count > 2 {
      report(
        .hint, "'\(parts.account[2].text)' behind USER GROUP has no effect", at: line,
        expected: "quotes around the command and its arguments")
    }
    return Script(arguments: parts.arguments, account: account)
  }
}
