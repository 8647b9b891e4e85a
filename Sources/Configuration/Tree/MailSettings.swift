package import Primitives

/// SMTP alerts.
package struct MailSettings: Hashable, Sendable {
  /// Ready for use in a header: names with special characters are quoted.
  package var notificationEmail: [String] = []
  package var notificationEmailFrom: String?
  package var smtpServer: SMTPServer?
  package var smtpHeloName: String?
  package var smtpConnectTimeout = Microseconds.seconds(30)
  package var smtpAlert: Bool?
  package var smtpAlertVRRP: Bool?
  package var smtpAlertChecker: Bool?
  package var noEmailFaults = false
  package var noCheckerEmails = false
  package var checkerLogAllFailures = false

  package init() {}

  /// `smtp_server HOST [PORT]`, resolved when the text was read.
  package struct SMTPServer: Hashable, Sendable {
    package var address: IPAddress
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
      self.address = address
      self.port = port
    }
  }
}
