import Testing

@testable import ConfigurationSyntax

@Suite("Secrets")
struct SecretTests {
  @Test(
    "A password or a key is never repeated",
    arguments: [
      ("auth_pass 1234", "auth_pass …"), ("  auth_pass\t\"a b", "  auth_pass …"),
      ("{ auth_type PASS auth_pass x }", "{ auth_type PASS auth_pass …"),
      ("key 1 hex:00", "key …"), ("auth_pass", "auth_pass"), ("monkey 1", "monkey 1"),
      ("keys 1", "keys 1"), ("script \"x", "script \"x"),
    ])
  func masked(line: String, expected: String) {
    #expect(Secrets.masked(line) == expected)
  }
}
