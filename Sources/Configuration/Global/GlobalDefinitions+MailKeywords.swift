import ConfigurationSyntax
import Primitives

extension GlobalDefinitions {
  static let mailKeywords: [GlobalKeyword] = [
    GlobalKeyword(
      "notification_email", "{ ADDR … }", default: "none", effect: .none, "Recipients of alerts."
    ) { reading, line, reader throws(ReadingStop) in
      var count = 0
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        for word in entry.words {
          count += 1
          reading.global.mail.notificationEmail.append(reading.mailAddress(word.text, entry))
        }
      }
      if count == 0 {
        reader.context.report(
          .general, "Warning - empty notification_email block", at: reader.location)
      }
    },
    GlobalKeyword(
      "notification_email_from", "ADDR", default: "LOGIN@host if smtp_server is given",
      effect: .none, "Sender of alerts."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "emailfrom missing - ignoring", at: line)
        return
      }
      if line.words.count > 2 {
        reader.context.report(
          .general,
          "emailfrom - ignoring extra entries '\(try line.word(2).text)' ...", at: line, word: 2)
      }
      let word = try line.word(1).text
      reading.global.mail.notificationEmailFrom = reading.mailAddress(word, line)
    },
    GlobalKeyword(
      "smtp_server", "HOST [PORT]", range: "PORT 1 to 65535", default: "none; PORT 25",
      effect: .none, "SMTP server."
    ) { reading, line, reader throws(ReadingStop) in try readServer(reading, line) },
    GlobalKeyword(
      "smtp_helo_name", "NAME", default: "the local host name", effect: .none, "Name for HELO."
    ) { reading, line, _ throws(ReadingStop) in
      if line.words.count > 1 { reading.global.mail.smtpHeloName = try line.word(1).text }
    },
    GlobalKeyword(
      "smtp_connect_timeout", "SECONDS", range: "0 to 4294 (0 becomes 1)", default: "30",
      effect: .none, "Time limit of each step of a mail."
    ) { reading, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      guard let seconds = try reader.context.unsigned(line, 1, in: 0...4294, .lenient) else {
        reader.context.report(
          .general, "smtp_connect_timeout '\(word)' must be in [0, 4294] - ignoring",
          at: line, word: 1)
        return
      }
      if seconds == 0 {
        reader.context.report(
          .general, "smtp_conect_timeout must be greater than 0, setting to 1", at: line, word: 1)
      }
      reading.global.mail.smtpConnectTimeout = .seconds(Int64(max(seconds, 1)))
    },
    alert("smtp_alert", "Default of all smtp_alert.") { $0.smtpAlert = $1 },
    alert("smtp_alert_vrrp", "Default of smtp_alert of instances and groups.") {
      $0.smtpAlertVRRP = $1
    },
    alert("smtp_alert_checker", "Default of smtp_alert of virtual and real servers.") {
      $0.smtpAlertChecker = $1
    },
    .flag("no_email_faults", effect: .none, "No mail on entering FAULT.") {
      $0.global.mail.noEmailFaults = true
    },
    .boolean(
      "no_checker_emails", effect: .none, "Mail only if a real server's state changes.",
      invalid: invalidGlobal("no_checker_emails")
    ) { $0.global.mail.noCheckerEmails = $1 },
    .boolean(
      "checker_log_all_failures", "Log every failed check.",
      invalid: { _, _ in "Invalid value for checker_log_all_failures specified" }
    ) { $0.global.mail.checkerLogAllFailures = $1 },
  ]

  private static func alert(
    _ name: String, _ help: String, set: @escaping @Sendable (inout MailSettings, Bool) -> Void
  ) -> GlobalKeyword {
    .boolean(name, default: "unset", effect: .none, help, invalid: invalidGlobal(name)) {
      set(&$0.global.mail, $1)
    }
  }

  private static func readServer(_ reading: Reading, _ line: Statement) throws(ReadingStop) {
    let host = try line.word(1).text
    var port: UInt64 = 25
    if line.words.count > 2 {
      guard let value = try reading.context.unsigned(line, 2, in: 1...65535, .lenient) else {
        reading.report(
          .general, "Invalid smtp server \(host) \(try line.word(2).text)", at: line, word: 2)
        return
      }
      port = value
    }
    guard let address = IPAddress(parsing: host) ?? reading.host.resolve(host) else {
      reading.report(.general, "Invalid smtp server \(host) \(port)", at: line, word: 1)
      return
    }
    reading.global.mail.smtpServer = MailSettings.SMTPServer(
      address: address, port: UInt16(truncatingIfNeeded: port))
  }
}

extension Reading {
  /// An address as it stands in a header: a display name with special characters is quoted.
  func mailAddress(_ text: String, _ line: Statement) -> String {
    guard text.hasSuffix(">") else { return text }
    guard let bracket = text.lastIndex(of: "<") else {
      report(.note, "email address '\(text)' invalid", at: line)
      return text
    }
    var name = text[..<bracket]
    while name.last == " " || name.last == "\t" { name.removeLast() }
    guard name.contains(where: { "()<>[]:;@\\,.\"".contains($0) }), !name.hasPrefix("\"") else {
      return text
    }
    var quoted = ""
    for character in name {
      if character == "\"" || character == "\\" { quoted.append("\\") }
      quoted.append(character)
    }
    return "\"\(quoted)\" \(text[bracket...])"
  }
}
