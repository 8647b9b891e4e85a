import ConfigurationSyntax
import Primitives

extension GlobalDefinitions {
  /// Who runs scripts, and the parent's own scripts.
  static let scriptKeywords: [GlobalKeyword] = [
    GlobalKeyword(
      "script_user", "USER [[:]GROUP]", default: "keepalived_script, else the program's own",
      "Who scripts run as; `:` adds the user's supplementary groups."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "No script username specified", at: line)
        return
      }
      if let account = reading.account(line.arguments, at: line) {
        reading.accounts.standard = .account(account)
      } else {
        // Scripts that were meant for that user must not run as another one.
        reading.accounts.standard = .refused
        reader.context.report(.general, "Error setting global script uid/gid", at: line, word: 1)
      }
    },
    .flag("enable_script_security", "Do not run a script as root that others could change.") {
      $0.global.scripts.enableScriptSecurity = true
    },
    .boolean(
      "set_supplementary_groups", "Scripts get the supplementary groups of their user.",
      invalid: { "Invalid set_supplementary_groups parameter \($1)" }
    ) { $0.global.scripts.setSupplementaryGroups = $1 },
    .boolean(
      "use_symlink_paths", "Keep symbolic links in the paths of scripts.",
      invalid: invalidGlobal("use_symlink_path")
    ) { $0.global.scripts.useSymlinkPaths = $1 },
    parentScript("startup", "Run before the child processes start.", \.startupScript),
    timeout("startup") { $0.global.scripts.startupScriptTimeout = $1 },
    parentScript("shutdown", "Run after the child processes have stopped.", \.shutdownScript),
    timeout("shutdown") { $0.global.scripts.shutdownScriptTimeout = $1 },
    .boolean(
      "rs_init_notifies", "Notify for real servers at the start.",
      invalid: invalidGlobal("rs_init_notifies")
    ) { $0.global.scripts.rsInitNotifies = $1 },
  ]

  private static func parentScript(
    _ name: String, _ help: String,
    _ property: any WritableKeyPath<ScriptSettings, Script?> & Sendable
  ) -> GlobalKeyword {
    GlobalKeyword("\(name)_script", "CMD [USER [[:]GROUP]]", default: "none", help) {
      reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "\(name) script missing", at: line)
        return
      }
      guard reading.global.scripts[keyPath: property] == nil else {
        reader.context.report(.general, "\(name) script already specified", at: line)
        return
      }
      if let script = try reading.script(line, what: name) {
        reading.global.scripts[keyPath: property] = script
      } else {
        reader.context.report(.general, "Invalid \(name) script", at: line)
      }
    }
  }

  private static func timeout(
    _ name: String, set: @escaping @Sendable (Reading, Microseconds) -> Void
  ) -> GlobalKeyword {
    GlobalKeyword(
      "\(name)_script_timeout", "SECONDS", range: "1 to 1000", default: "10",
      "Time limit of the \(name) script."
    ) { reading, line, reader throws(ReadingStop) in
      let keyword = "\(name)_script_timeout"
      guard line.words.count > 1 else {
        reader.context.report(.general, "\(keyword) requires value", at: line)
        return
      }
      guard let seconds = try reader.context.unsigned(line, 1, in: 1...1000, .lenient) else {
        reader.context.report(
          .general, "\(keyword) '\(try line.word(1).text)' must be in [1, 1000] - ignoring",
          at: line, word: 1)
        return
      }
      set(reading, .seconds(Int64(seconds)))
    }
  }

  /// Where notifications are written, and by whom they are read.
  static let fifoKeywords: [GlobalKeyword] =
    fifo("", \.notifyFIFO) + fifo("vrrp_", \.vrrpNotifyFIFO)
    + fifo("lvs_", \.lvsNotifyFIFO) + [
      .flag("fifo_write_vrrp_states_on_reload", "Write the states to the FIFOs at a reload.") {
        $0.global.scripts.fifoWriteVRRPStatesOnReload = true
      },
      .boolean(
        "vrrp_notify_priority_changes", "Default of notify_priority_changes.",
        invalid: invalidGlobal("vrrp_notify_priority_changes")
      ) { $0.global.vrrp.notifyPriorityChanges = $1 },
    ]

  private static func fifo(
    _ prefix: String,
    _ property: any WritableKeyPath<ScriptSettings, NotifyFIFO> & Sendable
  ) -> [GlobalKeyword] {
    [
      GlobalKeyword(
        "\(prefix)notify_fifo", "PATH [USER [GROUP]]", default: "none",
        "FIFO for notifications."
      ) { reading, line, reader throws(ReadingStop) in
        if let fifo = try fifo(
          prefix, reading.global.scripts[keyPath: property], reading, line)
        {
          reading.global.scripts[keyPath: property] = fifo
        }
      },
      GlobalKeyword(
        "\(prefix)notify_fifo_script", "CMD [USER [[:]GROUP]]", default: "none",
        "Program that reads the FIFO; the FIFO's path is its last argument."
      ) { reading, line, reader throws(ReadingStop) in
        guard line.words.count > 1 else {
          reader.context.report(.general, "No \(prefix)notify_fifo_script specified", at: line)
          return
        }
        guard reading.global.scripts[keyPath: property].script == nil else {
          let word = try line.word(1).text
          reader.context.report(
            .general, "\(prefix)notify_fifo_script already specified - ignoring \(word)", at: line)
          return
        }
        reading.global.scripts[keyPath: property].script =
          try reading.script(line, what: "\(prefix)notify_fifo")
      },
    ]
  }

  /// The FIFO with its path and owner; nil after a report of why the line counts for nothing.
  private static func fifo(
    _ prefix: String, _ old: NotifyFIFO, _ reading: Reading, _ line: Statement
  ) throws(ReadingStop) -> NotifyFIFO? {
    guard line.words.count > 1 else {
      reading.report(.general, "No \(prefix)notify_fifo name specified", at: line)
      return nil
    }
    let path = try line.word(1).text
    guard old.path == nil else {
      reading.report(
        .general, "\(prefix)notify_fifo already specified - ignoring \(path)", at: line)
      return nil
    }
    var fifo = old
    fifo.path = path
    let words = line.arguments.dropFirst()
    if words.isEmpty {
      fifo.account = reading.standardAccount(at: line.location)
      return fifo
    }
    fifo.account = reading.account(words, at: line)
    if fifo.account == nil {
      reading.report(
        .note, "Invalid user/group for \(prefix)notify_fifo \(path) - ignoring", at: line)
      return nil
    }
    return fifo
  }
}
