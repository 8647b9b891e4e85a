package import Configuration
import Primitives

/// The section `Global definitions`, with which every dump begins.
package enum GlobalDump {
  /// What is in force besides the configuration.
  package struct Surroundings {
    package var umask: UInt32

    package init(umask: UInt32) { self.umask = umask }
  }

  package static func text(_ global: GlobalDefinitions, _ surroundings: Surroundings) -> DumpText {
    var dump = DumpText()
    dump.section("Global definitions")
    identity(global, &dump)
    mail(global.mail, &dump)
    reading(global.reading, global.dumps, &dump)
    scripts(global.scripts, &dump)
    interfaces(global, &dump)
    loadBalancing(global.lvs, &dump)
    fifos(global, &dump)
    announcements(global.vrrp, &dump)
    firewall(global, &dump)
    checks(global, &dump)
    scheduling(global, &dump)
    agents(global, &dump)
    dump.line(
      " Script security " + (global.scripts.enableScriptSecurity ? "enabled" : "disabled"))
    buffers(global, &dump)
    rest(global, surroundings, &dump)
    return dump
  }

  private static func identity(_ global: GlobalDefinitions, _ dump: inout DumpText) {
    dump.value("Config save dir", ifSet: global.reading.configSaveDir)
    dump.value("Network namespace", global.netNamespace ?? "(default)")
    let ipvs =
      switch global.netNamespaceIPVS {
      case .own: "(main namespace)"
      case .initial: "(default)"
      case .named(let name): name
      }
    dump.value("Network namespace ipvs", ipvs)
    dump.value("Instance name", ifSet: global.instance)
    dump.value("Parent process name", ifSet: global.processNames.parent)
    dump.value("VRRP process name", ifSet: global.processNames.vrrp)
    dump.value("LVS process name", ifSet: global.processNames.checker)
    dump.value("BFD process name", ifSet: global.processNames.bfd)
    let keeps = global.scripts.useSymlinkPaths
    dump.line(keeps ? " Keep symlinks in script paths" : " Replace symlinks in script paths")
    let sets = global.scripts.setSupplementaryGroups ? "Set" : "Don't set"
    dump.line(" \(sets) supplementary groups for all scripts")
    if !global.routerID.isEmpty { dump.value("Router ID", global.routerID) }
  }

  private static func mail(_ mail: MailSettings, _ dump: inout DumpText) {
    if let server = mail.smtpServer {
      dump.value("Smtp server", server.address)
      dump.value("Smtp server port", server.port)
    }
    dump.value("Smtp HELO name", ifSet: mail.smtpHeloName)
    if mail.smtpServer != nil {
      dump.value("Smtp server connection timeout", mail.smtpConnectTimeout.wholeSeconds)
    }
    if let from = mail.notificationEmailFrom {
      dump.value("Email notification from", from)
      dump.line(" Email notification to:")
      for address in mail.notificationEmail { dump.line("   \(address)") }
    }
    let choices: [(String, Bool?)] = [
      ("", mail.smtpAlert), ("_vrrp", mail.smtpAlertVRRP), ("_checker", mail.smtpAlertChecker),
    ]
    for (suffix, choice) in choices {
      dump.value("Default smtp_alert\(suffix)", choice.map { $0 ? "on" : "off" } ?? "unset")
    }
    dump.value("Checkers log all failures", mail.checkerLogAllFailures)
  }

  private static func reading(
    _ reading: ReadingSettings, _ dumps: DumpSettings, _ dump: inout DumpText
  ) {
    if let log = reading.reloadCheckConfig {
      dump.line(" Test config before reload, log to \(log)")
    } else {
      dump.line(" No test config before reload")
    }
    if let path = reading.reloadTimeFile {
      dump.value("Reload time file", path + (reading.reloadRepeat ? " (repeat)" : ""))
    }
    if case .path(let path) = reading.reloadFile { dump.value("Reload_file", path) }
    dump.value("config save directory", ifSet: reading.tmpConfigDirectory)
    if dumps.dataUseInstance { dump.line(" Use instance name in data dumps") }
  }

  private static func scripts(_ scripts: ScriptSettings, _ dump: inout DumpText) {
    if let script = scripts.startupScript {
      let timeout = scripts.startupScriptTimeout.wholeSeconds
      dump.value("Startup script", "\(command(script)), \(account(script)), timeout \(timeout)")
    }
    if let script = scripts.shutdownScript {
      let timeout = scripts.shutdownScriptTimeout.wholeSeconds
      // Compatibility: no comma here.
      dump.value("Shutdown script", "\(command(script)), \(account(script)) timeout \(timeout)")
    }
  }

  private static func interfaces(_ global: GlobalDefinitions, _ dump: inout DumpText) {
    let dynamic = global.vrrp.dynamicInterfaces
    dump.value("Dynamic interfaces", dynamic != .off)
    if dynamic != .off { dump.value("Allow interface changes", dynamic == .allowIfChanges) }
    if global.mail.noEmailFaults { dump.value("Send emails for fault transitions", "off") }
    let timeouts: [(String, UInt32?)] = [
      ("LVS TCP timeout", global.lvs.timeoutTCP), ("LVS TCP FIN timeout", global.lvs.timeoutTCPFin),
      // Compatibility: the third is UDP's.
      ("LVS TCP timeout", global.lvs.timeoutUDP),
    ]
    for (key, seconds) in timeouts {
      if let seconds, seconds > 0 { dump.value(key, seconds) }
    }
    dump.value("Disable local IGMP", global.vrrp.disableLocalIGMP.yesOrNo)
    dump.value("Use VRRPv2 checksum for VRRPv3 IPv4", global.vrrp.v3ChecksumAsV2.yesOrNo)
  }

  private static func loadBalancing(_ lvs: LVSGlobals, _ dump: inout DumpText) {
    if let daemon = lvs.syncDaemon {
      dump.value("LVS syncd vrrp name", ifSet: daemon.vrrpInstance)
      dump.value("LVS syncd interface", daemon.interface)
      dump.value("LVS syncd syncid", daemon.id ?? 0)
      dump.value("LVS syncd maxlen", ifSet: daemon.maxLength)
      if let group = daemon.group { dump.line(" LVS mcast group \(group)") }
      dump.value("LVS syncd mcast port", ifSet: daemon.port)
      dump.value("LVS syncd mcast ttl", ifSet: daemon.ttl)
    }
    dump.value("LVS flush", lvs.flush)
    let onStop =
      switch lvs.flushOnStop {
      case .off: "disabled"
      case .full: "full"
      case .virtualServers: "VS"
      }
    dump.value("LVS flush on stop", onStop)
  }

  // MARK: Scripts and FIFOs

  private static func fifos(_ global: GlobalDefinitions, _ dump: inout DumpText) {
    let all: [(String, NotifyFIFO)] = [
      ("Global", global.scripts.notifyFIFO), ("VRRP", global.scripts.vrrpNotifyFIFO),
      ("LVS", global.scripts.lvsNotifyFIFO),
    ]
    for (name, fifo) in all {
      if let path = fifo.path {
        let owner = fifo.account ?? ScriptAccount(user: 0, group: 0)
        dump.value("\(name) notify fifo", "\(path), uid:gid \(owner.user):\(owner.group)")
      }
      guard let script = fifo.script else { continue }
      let who = account(script)
      if script.path == script.arguments.first {
        dump.value("\(name) notify fifo script", "\(command(script)), \(who)")
      } else {
        dump.value(
          "\(name) notify fifo path", "\(script.path), script = \(command(script)), \(who)")
      }
    }
    dump.value("FIFO write vrrp states on reload", global.scripts.fifoWriteVRRPStatesOnReload)
    dump.value("VRRP notify priority changes", global.vrrp.notifyPriorityChanges)
  }

  /// Every word in single quotes.
  static func command(_ script: Script) -> String {
    script.arguments.map { word in
      "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
    }.joined(separator: " ")
  }

  private static func account(_ script: Script) -> String {
    "uid:gid \(script.account.user):\(script.account.group)"
  }
}
