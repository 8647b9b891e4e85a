import ConfigurationSyntax
import Primitives

/// Keywords about SNMP.
extension GlobalDefinitions {
  static let snmpKeywords: [GlobalKeyword] = [
    GlobalKeyword(
      "snmp_socket", "ADDR", range: "up to 4095 characters", default: "that of net-snmp",
      effect: .none, "AgentX socket of the master agent."
    ) { reading, line, reader throws(ReadingStop) in
      let context = reader.context
      if line.words.count > 2 {
        context.report(
          .general, "Too many parameters specified for snmp_socket - ignoring", at: line, word: 2)
      } else if line.words.count < 2 {
        context.report(.general, "SNMP error : snmp socket name missing", at: line)
      } else if try line.word(1).text.utf8.count >= 4096 {
        context.report(.general, "SNMP error : snmp socket name too long - ignored", at: line)
      } else if let socket = reading.global.snmp.socket {
        context.report(.general, "SNMP socket already set to \(socket) - ignoring", at: line)
      } else {
        reading.global.snmp.socket = try line.word(1).text
      }
    },
    .flag("enable_traps", effect: .none, "Send traps.") { $0.global.snmp.enableTraps = true },
    .flag("enable_snmp_vrrp", effect: .none, "VRRP part of the KEEPALIVED-MIB.") {
      $0.global.snmp.enableVRRP = true
    },
    .flag("enable_snmp_keepalived", effect: .none, "Same as `enable_snmp_vrrp`.") {
      $0.global.snmp.enableVRRP = true
    },
    .flag("enable_snmp_checker", effect: .none, "Checker part of the KEEPALIVED-MIB.") {
      $0.global.snmp.enableChecker = true
    },
    .flag("enable_snmp_rfc", effect: .none, "The MIBs of RFC 2787 and RFC 6527.") {
      $0.global.snmp.enableRFCv2 = true
      $0.global.snmp.enableRFCv3 = true
    },
    .flag("enable_snmp_rfcv2", effect: .none, "The MIB of RFC 2787.") {
      $0.global.snmp.enableRFCv2 = true
    },
    .flag("enable_snmp_rfcv3", effect: .none, "The MIB of RFC 6527.") {
      $0.global.snmp.enableRFCv3 = true
    },
    interval("snmp_vs_stats_update_interval", "virtual servers") {
      $0.vsStatsUpdateInterval = $1
    },
    interval("snmp_rs_stats_update_interval", "real servers") { $0.rsStatsUpdateInterval = $1 },
  ]

  private static func interval(
    _ name: String, _ what: String,
    set: @escaping @Sendable (inout Reading.StatsIntervals, Microseconds) -> Void
  ) -> GlobalKeyword {
    .time(
      name, .milliseconds(1)...(.seconds(30)), default: "5", effect: .none,
      "Greatest age of the statistics of \(what).",
      // Compatibility: the text says vs for both.
      invalid: { "snmp stats vs update interval '\($1)' invalid - ignoring" }
    ) { set(&$0.statsIntervals, $1) }
  }

  static let dbusKeywords: [GlobalKeyword] = [
    .flag("enable_dbus", effect: .none, "Offer the D-Bus interface.") {
      $0.global.dbus.enable = true
    },
    name("dbus_service_name", "org.keepalived.Vrrp1", "Name of the service.") {
      $0.serviceName = $1
    },
    name("dbus_no_interface_name", "none", "Path element of instances without interface.") {
      $0.noInterfaceName = $1
    },
  ]

  private static func name(
    _ name: String, _ standard: String, _ help: String,
    set: @escaping @Sendable (inout DBusSettings, String) -> Void
  ) -> GlobalKeyword {
    GlobalKeyword(name, "NAME", default: standard, effect: .none, help) {
      reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "\(name) missing - ignoring", at: line)
        return
      }
      set(&reading.global.dbus, try line.word(1).text)
    }
  }
}
