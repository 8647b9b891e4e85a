import ConfigurationSyntax
import Primitives

/// A row of `vrrp_instance`.
typealias InstanceKeyword = Keyword<InstanceDraft>

extension VRRPInstance {
  /// The keywords of `vrrp_instance`.
  static let keywords = KeywordTable<InstanceDraft>(
    "vrrp_instance",
    identityKeywords + timingKeywords + electionKeywords + packetKeywords + unicastKeywords
      + addressKeywords + vmacKeywords + garpKeywords + trackingKeywords + notifyKeywords)
}

extension VRRPInstance {
  static let identityKeywords: [InstanceKeyword] = [
    InstanceKeyword(
      "interface", "IF", range: "up to 15 characters",
      "Interface of the instance; may be missing for unicast with unicast_src_ip."
    ) { draft, line, _ throws(ReadingStop) in try readInterface(&draft, line) },
    InstanceKeyword(
      "vrf", "IF", "VRF of unicast adverts of an instance without an interface."
    ) { draft, line, reader throws(ReadingStop) in
      let name = try line.word(1).text
      guard draft.reading.mayName(name, at: line, isFatal: false) else {
        reader.context.report(
          .general,
          "WARNING - interface \(name) for vrf of vrrp_instance \(draft.name) doesn't exist",
          at: line, word: 1)
        return
      }
      if draft.instance.vrf == nil { draft.instance.vrf = name }
    },
    .unsigned(
      "virtual_router_id", "N", 1...255, .strict, default: "none, mandatory",
      "Number of the virtual router (VRID).",
      invalid: { "\($0.ownerColon)VRID '\($1)' not valid - must be between 1 & 255" }
    ) { $0.instance.virtualRouterID = VirtualRouterID(rawValue: UInt8(truncatingIfNeeded: $1)) },
    InstanceKeyword(
      "version", "2|3", range: "2 to 3", default: "vrrp_version (2); IPv6 3", "Version of VRRP."
    ) { draft, line, reader throws(ReadingStop) in
      guard let number = try reader.context.unsigned(line, 1, in: 2...3, .lenient) else {
        reader.context.report(
          .general, "\(draft.ownerColon)Version must be either 2 or 3", at: line, word: 1)
        return
      }
      draft.set(number == 3 ? .three : .two, line)
    },
    InstanceKeyword(
      "native_ipv6", default: "off", "An IPv6 instance of version 3."
    ) { draft, line, reader throws(ReadingStop) in
      guard draft.fix(.ipv6) else {
        reader.context.report(
          .general, "\(draft.owner)Cannot specify native_ipv6 with IPv4 addresses", at: line)
        return
      }
      draft.set(.three, line)
    },
    InstanceKeyword(
      "state", "MASTER|BACKUP", default: "MASTER with priority 255, else BACKUP",
      "State to begin with."
    ) { draft, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      switch word {
      case "MASTER": draft.state = .master
      case "BACKUP" where draft.state == .master:
        reader.context.report(
          .general, "\(draft.owner)state previously set as MASTER - ignoring BACKUP", at: line)
      case "BACKUP": draft.state = .backup
      default:
        reader.context.report(
          .general, "\(draft.owner)unknown state '\(word)', defaulting to BACKUP", at: line,
          word: 1, expected: "MASTER or BACKUP")
        draft.state = .backup
      }
    },
    .unsigned(
      "priority", "N", 1...255, .strict, default: "100; with state MASTER 255",
      "Priority in the election; 255 owns the addresses.",
      invalid: { draft, _ in
        "\(draft.owner)Priority not valid! must be between 1 & 255. Using default 100"
      }, otherwise: { $0.priority = .standard }
    ) { $0.priority = Priority(rawValue: UInt8(truncatingIfNeeded: $1)) },
    .boolean(
      "strict_mode", default: "vrrp_strict (false)", "Keep strictly to the RFCs.",
      invalid: { "\($0.owner)invalid strict_mode \($1) specified" }
    ) { $0.strictMode = $1 },
    .unsigned(
      "debug", "N", 0...4, default: "0", "Stored only.",
      invalid: { "\($0.owner)Debug value '\($1)' not valid; must be between 0-4" }
    ) { $0.instance.debug = UInt8(truncatingIfNeeded: $1) },
  ]

  private static func readInterface(_ draft: inout InstanceDraft, _ line: Statement)
    throws(ReadingStop)
  {
    let name = try line.word(1).text
    let reading = draft.reading
    guard name.utf8.count <= 15 else {
      reading.report(
        .general, "Interface name '\(name)' too long - ignoring", at: line, word: 1,
        expected: "up to 15 characters")
      return
    }
    if reading.host.interface(named: name)?.isLoopback == true {
      reading.report(
        .general, "\(draft.owner)cannot use a loopback interface (\(name)) for vrrp - ignoring",
        at: line, word: 1)
      draft.instance.interface = nil
      return
    }
    guard reading.mayName(name, at: line) else {
      reading.report(
        .general, "WARNING - interface \(name) for vrrp_instance \(draft.name) doesn't exist",
        at: line, word: 1)
      return
    }
    draft.instance.interface = name
  }

  static let timingKeywords: [InstanceKeyword] = [
    .time(
      "advert_int", .milliseconds(10)...(.seconds(255)), default: "1",
      "Time between adverts; whole seconds for version 2, hundredths for version 3.",
      invalid: { "\($0.owner)Advert interval (\($1)) not valid! Must be > 0 - ignoring" }
    ) { $0.instance.advertInt = $1 },
    .unsigned(
      "down_timer_adverts", "N", 1...100, default: "vrrp_down_timer_adverts (3)",
      "Adverts missed before the master is down.",
      invalid: { "\($0.ownerColon)Invalid down_timer_adverts [1:100] '\($1)'" }
    ) { $0.instance.downTimerAdverts = UInt8(truncatingIfNeeded: $1) },
    .time(
      "preempt_delay", .zero ... .seconds(1000), default: "0",
      "Time before taking over from a master of lower priority.",
      invalid: { draft, _ in
        "\(draft.owner)Preempt_delay not valid! must be between 0-1000"
      }, otherwise: { $0.instance.preemptDelay = .zero }
    ) { $0.instance.preemptDelay = $1 },
    timerExpired,
    .renamed("thread_timer_expired", to: timerExpired, class: .general),
  ]

  private static let timerExpired = InstanceKeyword(
    "timer_expired_backup", "[N]", range: "1 to 254; without N 254", default: "off",
    "Become backup if our timers expired late and others have up to this priority."
  ) { draft, line, reader throws(ReadingStop) in
    guard line.words.count > 1 else {
      draft.instance.timerExpiredBackup = .highestBackup
      return
    }
    guard let value = try reader.context.unsigned(line, 1, in: 1...254, .strict) else {
      reader.context.report(
        .general,
        "\(draft.owner)invalid \(line.keyword) priority '\(try line.word(1).text)'", at: line,
        word: 1, expected: "a number from 1 to 254")
      return
    }
    draft.instance.timerExpiredBackup = Priority(rawValue: UInt8(truncatingIfNeeded: value))
  }

  static let electionKeywords: [InstanceKeyword] = [
    .flag("preempt", "Take over from a master of lower priority, the default.") {
      $0.instance.nopreempt = false
    },
    .flag("nopreempt", "Do not take over from a master of lower priority.") {
      $0.instance.nopreempt = true
    },
    choice("lower_prio_no_advert", "Do not answer adverts of lower priority.") {
      $0.lowerPrioNoAdvert = $1
    },
    choice("higher_prio_send_advert", "Send an advert before yielding.") {
      $0.higherPrioSendAdvert = $1
    },
    choice("owner_ignore_adverts", "The owner of the addresses ignores adverts.") {
      $0.ownerIgnoreAdverts = $1
    },
    .flag("accept", "Accept packets for the virtual addresses.") { $0.accept = true },
    .flag("no_accept", "Drop packets for the virtual addresses.") {
      $0.accept = false
    },
  ]

  static func choice(
    _ name: String, _ help: String, set: @escaping @Sendable (inout InstanceDraft, Bool) -> Void
  ) -> InstanceKeyword {
    .boolean(
      name, default: "vrrp_\(name) (false)", help,
      invalid: { "\($0.owner)invalid \(name) \($1) specified" }, set: set)
  }
}

extension InstanceDraft {
  /// Sets the version unless another one is certain already.
  mutating func set(_ version: VRRPVersion, _ line: Statement) {
    let known = self.version ?? (family == .ipv6 ? .three : nil)
    if let known, known != version {
      reading.report(
        .general,
        "\(owner)vrrp_version \(version.rawValue) conflicts with configured or deduced version"
          + " \(known.rawValue); ignoring.", at: line, word: 1)
      return
    }
    self.version = version
  }
}
