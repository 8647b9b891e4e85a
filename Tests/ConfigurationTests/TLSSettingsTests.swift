import Configuration
import Testing

@Suite("SSL")
struct TLSSettingsTests {
  @Test("All values; a second block replaces the first")
  func values() throws {
    let outcome = read(
      """
      SSL {
        password old
      }
      SSL
      {
        password "very secret"
        ca /ca.pem
        certificate /certificate.pem
        key /key.pem
      }

      """)
    #expect(outcome.messages == ["SSL context already specified - replacing"])
    #expect(outcome.lines == [4])
    var settings = TLSClientSettings()
    settings.password = "very secret"
    settings.ca = "/ca.pem"
    settings.certificate = "/certificate.pem"
    settings.key = "/key.pem"
    #expect(outcome.configuration.lvs.tls == settings)
    #expect(!outcome.configuration.presence.checker)
  }

  @Test(
    "What is missing is reported",
    arguments: [
      ("password", "SSL password missing"), ("ca", "SSL cafile missing"),
      ("certificate", "SSL certfile missing"), ("key", "SSL keyfile missing"),
      ("bogus", "Unknown keyword 'bogus'"),
    ])
  func missing(line: String, message: String) {
    let outcome = read("SSL {\n\(line)\n}\n")
    #expect(outcome.messages == [message])
    #expect(outcome.lines == [2])
    #expect(outcome.configuration.lvs.tls == TLSClientSettings())
  }

  @Test("The last of two counts, and no password comes into a message")
  func repeated() {
    let outcome = read("SSL {\nca /a\nca /b\npassword alpha\npassword bravo\n}\n")
    #expect(
      outcome.messages == [
        "Duplicate SSL cafile - overwriting /a with /b", "Duplicate SSL password - overwriting",
      ])
    #expect(outcome.configuration.lvs.tls?.ca == "/b")
    #expect(outcome.configuration.lvs.tls?.password == "bravo")
    for diagnostic in outcome.diagnostics {
      #expect(!"\(diagnostic)".contains("alpha") && !"\(diagnostic)".contains("bravo"))
    }
  }
}
