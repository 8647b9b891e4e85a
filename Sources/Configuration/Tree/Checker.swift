package import Primitives

/// A health check of a real server, all defaults filled in.
package struct Checker: Hashable, Sendable {
  /// Indirect: thousands of checkers are copied about, and most of their settings never change.
  package indirect enum Kind: Hashable, Sendable {
    case tcp(CheckConnection)
    case http(HTTPCheck)
    case smtp(CheckConnection, heloName: String)
    case dns(CheckConnection, DNSQuestion)
    case udp(UDPCheck)
    case ping(CheckConnection)
    case misc(MiscCheck)
    /// The name of a `bfd_instance`.
    case bfd(name: String)
    case file(FileCheck)
  }

  package var kind: Kind
  /// Failures in a row that are forgiven.
  package var retry: UInt32 = 1
  package var delayBeforeRetry = Microseconds.seconds(1)
  package var delayLoop = Microseconds.seconds(60)
  /// The longest random delay of the first check.
  package var warmup = Microseconds.seconds(60)
  /// The server counts as failed until the check has succeeded.
  package var isAlpha = false
  package var logsAllFailures = false

  package init(_ kind: Kind) { self.kind = kind }
}

extension Checker {
  /// Where it connects to; nil for kinds that do not.
  package var connection: CheckConnection? {
    switch kind {
    case .tcp(let connection), .smtp(let connection, _), .dns(let connection, _),
      .ping(let connection):
      connection
    case .http(let check): check.connection
    case .udp(let check): check.connection
    case .misc, .bfd, .file: nil
    }
  }
}

/// Where and how a check connects.
package struct CheckConnection: Hashable, Sendable {
  package var address: IPAddress
  package var port: UInt16
  package var bindAddress: IPAddress?
  /// Only used with `bindAddress`; 0: any.
  package var bindPort: UInt16 = 0
  package var bindInterface: String?
  /// Of a connection and of each answer.
  package var timeout = Microseconds.seconds(5)
  /// SO_MARK; 0: none.
  package var mark: UInt32 = 0

  package init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

/// HTTP_GET and SSL_GET.
package struct HTTPCheck: Hashable, Sendable {
  package var connection: CheckConnection
  package var isTLS: Bool
  package var version: Version = .http10
  package var virtualHost: String?
  package var enablesSNI = false
  package var sniName: String?
  /// Checks all urls without a pause while the server is down.
  package var hasFastRecovery = false
  package var isTLSCompliant = false
  /// At least one.
  package var urls: [URL] = []

  package init(connection: CheckConnection, isTLS: Bool) {
    self.connection = connection
    self.isTLS = isTLS
  }

  package enum Version: Hashable, Sendable {
    case http10
    /// 1.0 with `Connection: close`.
    case http10Close
    /// With `Connection: close`.
    case http11
  }

  package struct URL: Hashable, Sendable {
    package var path: String
    /// MD5 of the body.
    package var digest: [UInt8]?
    package var statusCodes = StatusCodes.standard
    package var virtualHost: String?
    package var regex: Regex?
    package var isTLSCompliant = false

    package init(path: String) { self.path = path }
  }

  /// A set of status codes from 100 to 599.
  package struct StatusCodes: Hashable, Sendable {
    package var ranges: [ClosedRange<UInt16>]
    package static let standard = StatusCodes(ranges: [200...299])

    package init(ranges: [ClosedRange<UInt16>]) { self.ranges = ranges }
    package func contains(_ code: UInt16) -> Bool { ranges.contains { $0.contains(code) } }
  }

  package struct Regex: Hashable, Sendable {
    /// Octets, escape sequences resolved.
    package var pattern: [UInt8]
    /// PCRE2's names, as `regex_options` takes them.
    package var options: Set<String> = []
    /// The check passes if nothing matches.
    package var isNegated = false
    package var minOffset: UInt64 = 0
    /// The last octet at which a match may begin.
    package var maxOffset: UInt64?
    /// `regex_stack`.
    package var stack: Stack?

    package init(pattern: [UInt8]) { self.pattern = pattern }

    /// Memory of PCRE2's compiled matching, in octets as configured: `start` is at most `max`.
    package struct Stack: Hashable, Sendable {
      package var start: UInt64
      package var max: UInt64

      package init(start: UInt64, max: UInt64) {
        self.start = start
        self.max = max
      }
    }
  }
}

package struct DNSQuestion: Hashable, Sendable {
  package var type: RecordType = .soa
  /// Without the dot at the end; empty for the root.
  package var name = ""

  package init() {}

  package enum RecordType: UInt16, Hashable, Sendable, CaseIterable {
    case a = 1, ns = 2, cname = 5, soa = 6, mx = 15, txt = 16, aaaa = 28, rrsig = 46, dnskey = 48
  }
}

package struct UDPCheck: Hashable, Sendable {
  package var connection: CheckConnection
  package var payload: [UInt8]
  package var reply: Reply = .any

  package init(connection: CheckConnection, payload: [UInt8]) {
    self.connection = connection
    self.payload = payload
  }

  package enum Reply: Hashable, Sendable {
    /// None needed; only an error is a failure.
    case any
    case required
    case matching(Template)
  }

  /// Octets that an answer begins with, where a bit of the mask is set.
  package struct Template: Hashable, Sendable {
    package var octets: [UInt8]
    package var mask: [UInt8]
    package var minLength: UInt16 = 0
    package var maxLength: UInt16 = 255

    package init(octets: [UInt8], mask: [UInt8]) {
      self.octets = octets
      self.mask = mask
    }
  }
}

package struct MiscCheck: Hashable, Sendable {
  /// The words of `misc_path` as written.
  package var command: [String]
  /// Nil: it cannot run, so that this check finds nothing.
  package var script: Script?
  package var timeout: Microseconds
  /// The exit status gives the weight.
  package var isDynamic = false

  package init(script: Script, timeout: Microseconds) {
    self.init(command: script.arguments, script: script, timeout: timeout)
  }

  package init(command: [String], script: Script?, timeout: Microseconds) {
    self.command = command
    self.script = script
    self.timeout = timeout
  }
}

extension MiscCheck {
  /// The program, as the log names it.
  package var program: String { script?.arguments.first ?? command.first ?? "" }
}

package struct FileCheck: Hashable, Sendable {
  /// The name of a `track_file`.
  package var trackFile: String
  /// 0: another number than 0 is a failure.
  package var weight: Int32
  package var isReversed: Bool

  package init(trackFile: String, weight: Int32, isReversed: Bool) {
    self.trackFile = trackFile
    self.weight = weight
    self.isReversed = isReversed
  }
}
