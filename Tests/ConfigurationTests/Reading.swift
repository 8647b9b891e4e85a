import Configuration
import ConfigurationSyntax

/// Reads a text as `-t` does.
func read(
  _ text: String, host: FakeHost = FakeHost(), strictness: ReadingContext.Strictness = .test
)
  -> ReadingOutcome
{
  Configuration.read(
    files: MemoryFiles(text: text), host: host,
    options: ReadingOptions(path: "/etc/keepalived/keepalived.conf", strictness: strictness))
}

extension ReadingOutcome {
  /// What `-t` shows, hints left out.
  var messages: [String] {
    diagnostics.filter { $0.class >= .message }.map(\.message)
  }

  var lines: Set<Int> {
    Set(diagnostics.filter { $0.class >= .message }.compactMap { $0.location?.line })
  }

  /// What a daemon logs and `-t` shows as a hint.
  var remarks: [String] { diagnostics.filter { $0.class == .remark }.map(\.message) }

  var hints: [String] { diagnostics.filter { $0.class == .hint }.map(\.message) }
}

/// `global_defs` with one line, the second.
func readGlobal(_ line: String) -> ReadingOutcome { read("global_defs {\n\(line)\n}\n") }

/// An instance that is right, with more lines from line 5 on.
func instance(_ lines: String, name: String = "V", id: Int = 5, address: String? = "192.0.2.9")
  -> String
{
  let addresses = address.map { "virtual_ipaddress { \($0) }" } ?? ""
  return """
    vrrp_instance \(name) {
    interface eth0
    virtual_router_id \(id)
    \(addresses)
    \(lines)
    }

    """
}
