package import Primitives

/// What is peculiar to a kind of checker, whatever its block says.
package struct CheckerTraits: Hashable, Sendable {
  /// The keyword; the log names it so, too.
  package var name: String
  /// Failures in a row that are forgiven unless the configuration says how many.
  package var standardRetry: UInt32 = 1
  /// From a failure to the next attempt; nil: as long as between others.
  package var standardDelayBeforeRetry: Microseconds? = .seconds(1)
  /// Whether it can count as failed until it has succeeded.
  package var canBeAlpha = true
  /// Whether it looks by itself, at intervals. If not it waits to be told.
  package var isTimed = true
  /// Whether the interval begins when an attempt does, not when it ends.
  package var countsFromBegin = false
  /// Whether one failure decides as long as nothing is known.
  package var isStrictAtFirst = true
}

extension CheckerTraits {
  package static let tcp = CheckerTraits(name: "TCP_CHECK")
  package static let http = CheckerTraits(
    name: "HTTP_GET", standardDelayBeforeRetry: .seconds(3))
  package static let https = CheckerTraits(
    name: "SSL_GET", standardDelayBeforeRetry: .seconds(3))
  // Compatibility: unlike the others it has all its retries at the start.
  package static let smtp = CheckerTraits(name: "SMTP_CHECK", isStrictAtFirst: false)
  package static let dns = CheckerTraits(
    name: "DNS_CHECK", standardRetry: 3, standardDelayBeforeRetry: nil)
  package static let udp = CheckerTraits(name: "UDP_CHECK")
  package static let ping = CheckerTraits(name: "PING_CHECK")
  package static let misc = CheckerTraits(
    name: "MISC_CHECK", standardRetry: 0, countsFromBegin: true)
  /// A MISC_CHECK whose script cannot run.
  package static let miscWithoutScript = CheckerTraits(
    name: "MISC_CHECK", standardRetry: 0, isTimed: false)
  package static let bfd = CheckerTraits(name: "BFD_CHECK", isTimed: false)
  package static let file = CheckerTraits(name: "FILE_CHECK", canBeAlpha: false, isTimed: false)
}

extension Checker.Kind {
  package var traits: CheckerTraits {
    switch self {
    case .tcp: .tcp
    case .http(let check): check.isTLS ? .https : .http
    case .smtp: .smtp
    case .dns: .dns
    case .udp: .udp
    case .ping: .ping
    case .misc(let check): check.script == nil ? .miscWithoutScript : .misc
    case .bfd: .bfd
    case .file: .file
    }
  }
}
