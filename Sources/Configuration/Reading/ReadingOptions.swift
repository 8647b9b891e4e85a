package import ConfigurationSyntax

/// How a configuration is to be read.
package struct ReadingOptions: Sendable {
  /// The file or the pattern of files.
  package var path: String
  /// What `@` conditions are compared with; nil is the node's name.
  package var configID: String?
  /// `--all-config`: `include_check` starts with all checks.
  package var allConfig = false
  package var strictness: ReadingContext.Strictness
  package var overrides = Overrides()
  /// What is wrong with the command line and counts as if it were wrong in the text.
  package var faults: [Diagnostic] = []

  /// What the command line says about things that are keywords too.
  package struct Overrides: Sendable {
    /// `--namespace`: wins over `net_namespace`.
    package var netNamespace: String?
    /// `--snmp`: all parts are on.
    package var snmp = false
    /// `--snmp-agent-socket`: set before any `snmp_socket`.
    package var snmpSocket: String?
    /// `--umask`: wins over `umask`.
    package var umask: UInt16?

    package init() {}
  }

  package init(path: String, configID: String? = nil, strictness: ReadingContext.Strictness) {
    self.path = path
    self.configID = configID
    self.strictness = strictness
  }
}

/// Why a daemon must not run with what was read.
package struct Refusal: Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// A keyword lacks a word that its handler cannot do without: exit status 2.
    case missingParameter
    /// An interface does not exist: the VRRP process exits with 2.
    case missingInterface
    /// An instance cannot work: the VRRP process exits with 2.
    case invalidInstance
    /// A file could not be read: exit status 6.
    case include
    /// The network namespace does not exist. The reference ends with 0.
    case missingNamespace
  }

  package var view: ReadingView
  package var reason: Reason

  package init(_ view: ReadingView, _ reason: Reason) {
    self.view = view
    self.reason = reason
  }

  package var exitStatus: Int32 {
    switch reason {
    case .missingParameter, .missingInterface, .invalidInstance: 2
    case .include: 6
    case .missingNamespace: 0
    }
  }
}
