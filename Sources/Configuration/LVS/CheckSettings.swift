import ConfigurationSyntax
import Primitives

/// What a checker takes from its real server, and that from its virtual server, where it does not
/// say it itself.
struct CheckSettings {
  var retry: UInt32?
  var delayBeforeRetry: Microseconds?
  var delayLoop: Microseconds?
  var warmup: Microseconds?
  /// A checker has it in its connection.
  var connectTimeout: Microseconds?
  var isAlpha: Bool?

  func inheriting(_ outer: CheckSettings) -> CheckSettings {
    var settings = CheckSettings()
    settings.retry = retry ?? outer.retry
    settings.delayBeforeRetry = delayBeforeRetry ?? outer.delayBeforeRetry
    settings.delayLoop = delayLoop ?? outer.delayLoop
    settings.warmup = warmup ?? outer.warmup
    settings.connectTimeout = connectTimeout ?? outer.connectTimeout
    settings.isAlpha = isAlpha ?? outer.isAlpha
    return settings
  }
}

/// A block that holds settings of checks while it is read.
protocol CheckSettingsOwner: SendableMetatype {
  var settings: CheckSettings { get set }
  /// What its messages begin with, a blank behind it; empty for a checker.
  static var subject: String { get }
}

extension Keyword where Tree: CheckSettingsOwner {
  /// The settings that all three levels have. `outer` has those that are not said, nil if there is
  /// no such block.
  static func checkSettings(from outer: String?, retry: Keyword) -> [Keyword] {
    let standard = outer.map { "that of the \($0)" }
    return [
      retry,
      .time(
        "delay_before_retry", .zero ... .max,
        default: standard ?? "1; HTTP_GET and SSL_GET 3, DNS_CHECK delay_loop",
        "Time between a failure and the next attempt.",
        invalid: { "\(Tree.subject)delay_before_retry '\($1)' is invalid - ignoring" }
      ) { $0.settings.delayBeforeRetry = $1 },
      .time(
        "warmup", .zero ... .max, default: standard ?? "delay_loop of the checker",
        "Longest random delay of the first check.",
        invalid: { "\(Tree.subject)warmup '\($1)' is invalid - ignoring" }
      ) { $0.settings.warmup = $1 },
      .time(
        "delay_loop", Microseconds(1) ... .max, default: standard ?? "60", "Time between checks.",
        invalid: { "\(Tree.subject)delay_loop '\($1)' is invalid - ignoring" }
      ) { $0.settings.delayLoop = $1 },
    ]
  }

  /// `retry` of a server: unlike that of a checker it cannot be 0.
  static func serverRetry(_ standard: String) -> Keyword {
    .unsigned(
      "retry", "N", 1...UInt64(UInt32.max), .strict, default: standard,
      "Failures in a row that are forgiven.", invalid: { "retry value invalid - \($1)" }
    ) { $0.settings.retry = UInt32(truncatingIfNeeded: $1) }
  }

  /// `connect_timeout` of a server.
  static func serverTimeout(_ standard: String) -> Keyword {
    .time(
      "connect_timeout", CheckConnection.timeouts, default: standard,
      "Time limit of a connection and of each answer.",
      invalid: { "\(Tree.subject)connect_timeout \($1) invalid - ignoring" }
    ) { $0.settings.connectTimeout = $1 }
  }
}

extension CheckConnection {
  /// What `connect_timeout` may be.
  static let timeouts = Microseconds(1)...Microseconds(4_294_967_295)
}
