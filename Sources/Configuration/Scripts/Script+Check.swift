import ConfigurationSyntax
import Primitives

/// What is wrong with a script.
enum ScriptFault: Error {
  /// Missing, or not reachable.
  case notUsable
  /// By its account.
  case notExecutable
  /// Others could change what runs with root's rights.
  case insecure
}

extension Script {
  /// Whether the command only tests that a file can be opened: `</path`.
  var isFileTest: Bool {
    guard let first = arguments.first, first.hasPrefix("<") else { return false }
    let rest = first.dropFirst().drop { $0 == " " || $0 == "\t" }
    return rest.isEmpty ? arguments.dropFirst().first?.hasPrefix("/") ?? false : rest.hasPrefix("/")
  }
}

extension Reading {
  /// Checks that a script can be run safely and completes it.
  func checked(_ script: Script) throws(ScriptFault) -> Script {
    var script = script
    if script.isFileTest {
      script.form = .fileTest
      return script
    }
    let name = script.arguments.first ?? ""
    if !name.contains("/") {
      script.arguments[0] = try searched(name, for: script.account)
    }
    let path = script.arguments[0]
    let facts = host.inspectScript(path, as: script.account)
    guard let realPath = facts.realPath else {
      report(.remark, "Script \(path) cannot be accessed - \(facts.reason)")
      throw .notUsable
    }
    script.arguments[0] = path.normalizedPath
    script.path = global.scripts.useSymlinkPaths ? script.arguments[0] : realPath
    guard facts.file.isExecutable(by: script.account) else {
      let account = "\(script.account.user):\(script.account.group)"
      report(
        .remark,
        "WARNING - script '\(path)' is not executable for uid:gid \(account) - disabling.")
      throw .notExecutable
    }
    if !facts.isProgram {
      report(.remark, "Please add a #! shebang to script \(path)")
      script.form = .shell
    }
    // Also one that is refused as insecure counts as a script that would run.
    scriptUse.hasScripts = true
    try checkSecurity(of: script, path, facts)
    return script
  }

  /// Nil stays nil; a script that fails its check counts as not configured.
  func checkedOrNone(_ script: Script?) -> Script? {
    script.flatMap { try? checked($0) }
  }

  private func searched(_ name: String, for account: ScriptAccount) throws(ScriptFault) -> String {
    switch host.findInPath(name, as: account) {
    case .found(let path):
      report(
        .remark,
        "WARNING - script `\(name)` resolved by path search to `\(path)`."
          + " Please specify full path.")
      return path
    case .notPermitted:
      report(.remark, "Permissions failure for script \(name) in path - disabling")
    case .notFound:
      report(.remark, "Cannot find script \(name) in path - disabling")
    }
    throw .notUsable
  }

  private func checkSecurity(of script: Script, _ path: String, _ facts: HostScript)
    throws(ScriptFault)
  {
    let runsAsRoot = script.account.user == 0 || script.account.group == 0
    guard runsAsRoot || facts.file.becomesRoot else { return }
    for components in [facts.components, facts.realComponents] {
      for (index, component) in components.enumerated() {
        let isLast = index == components.count - 1
        switch component.kind {
        case .missing:
          report(.remark, "check_script_secure could not find script '\(path)' - disabling")
          throw .notUsable
        case .directory where !isLast, .file where isLast, .link where isLast:
          break
        case .directory, .file, .link, .other:
          report(.remark, "Wrong file type found in script path '\(path)'.")
          throw .insecure
        }
      }
    }
    guard (facts.components + facts.realComponents).contains(where: \.isChangeable) else { return }
    let isRefused = global.scripts.enableScriptSecurity
    report(
      .remark,
      "Unsafe permissions found for script '\(path)'\(isRefused ? " - disabling" : "").")
    if isRefused { throw .insecure }
    scriptUse.hasInsecureScripts = true
  }

  /// Says that scripts run without `enable_script_security`, if any do.
  func reportScriptSecurity(_ kind: String) {
    guard scriptUse.hasScripts, !global.scripts.enableScriptSecurity else { return }
    let insecure = scriptUse.hasInsecureScripts ? " There are insecure scripts." : ""
    report(
      .security,
      "SECURITY VIOLATION - \(kind)scripts are being executed but script_security not enabled."
        + insecure, expected: "enable_script_security in global_defs")
  }
}

extension HostScript.Component {
  /// Owner, group and other bits strictly by the first match; supplementary groups do not count.
  func isExecutable(by account: ScriptAccount) -> Bool {
    if account.user == 0 { return mode & 0o111 != 0 }
    if account.user == owner { return mode & 0o100 != 0 }
    if account.group == group { return mode & 0o010 != 0 }
    return mode & 0o001 != 0
  }

  /// A set-uid program of root or a set-gid program of group root.
  var becomesRoot: Bool {
    (mode & 0o4000 != 0 && owner == 0 && mode & 0o111 != 0)
      || (mode & 0o2000 != 0 && group == 0 && mode & 0o111 != 0)
  }

  /// Somebody other than root could replace or change it.
  var isChangeable: Bool {
    if owner != 0 { return true }
    let isProtected: Bool
    switch kind {
    case .directory: isProtected = mode & 0o1000 != 0
    case .file: isProtected = false
    case .link, .other, .missing: isProtected = true
    }
    if isProtected { return false }
    return mode & 0o002 != 0 || (mode & 0o020 != 0 && group != 0)
  }
}

extension String {
  /// The path without `//`, `/./` and `/../`, by its text only.
  var normalizedPath: String {
    var parts: [Substring] = []
    for part in split(separator: "/", omittingEmptySubsequences: true) where part != "." {
      if part == ".." && !parts.isEmpty {
        parts.removeLast()
      } else if part != ".." {
        parts.append(part)
      }
    }
    return (hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
