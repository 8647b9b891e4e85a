import Configuration
import Firewall
import Primitives

/// The second half of the section.
extension GlobalDump {
  static func announcements(_ vrrp: VRRPGlobals, _ dump: inout DumpText) {
    dump.value("VRRP IPv4 mcast group", vrrp.mcastGroup4)
    dump.value("VRRP IPv6 mcast group", vrrp.mcastGroup6)
    dump.value("Gratuitous ARP delay", vrrp.garp.masterDelay.wholeSeconds)
    dump.value("Gratuitous ARP repeat", vrrp.garp.masterRepeat)
    dump.value("Gratuitous ARP refresh timer", vrrp.garp.masterRefresh.wholeSeconds)
    dump.value("Gratuitous ARP refresh repeat", vrrp.garp.masterRefreshRepeat)
    dump.value("Gratuitous ARP lower priority delay", vrrp.garp.lowerPrioDelay.wholeSeconds)
    dump.value("Gratuitous ARP lower priority repeat", vrrp.garp.lowerPrioRepeat)
    dump.value("Num adverts before down", vrrp.downTimerAdverts)
    let extra = vrrp.garpExtraIf.all ? "secondary i/f" : "secondary VMAC"
    dump.value("Gratuitous ARP for each \(extra)", "\(vrrp.garpExtraIf.interval.wholeSeconds)s")
    dump.value("Send advert after receive lower priority advert", !vrrp.lowerPrioNoAdvert)
    dump.value("Send advert after receive higher priority advert", vrrp.higherPrioSendAdvert)
    dump.value("Gratuitous ARP interval", vrrp.garpInterval.secondsText)
    dump.value("Gratuitous NA interval", vrrp.gnaInterval.secondsText)
    dump.value("VRRP default protocol version", vrrp.version.rawValue)
  }

  static func firewall(_ global: GlobalDefinitions, _ dump: inout DumpText) {
    if let chains = global.iptables { iptables(chains, global.ipsets, &dump) }
    if let table = global.nftables {
      dump.value("nftables table name", table.table)
      dump.value("nftables base chain priority", table.priority)
      let force = global.nftablesIfindex ? "force" : "don't force"
      dump.line(" nftables \(force) use ifindex for link local IPv6")
    }
    if let table = global.nftablesIPVS {
      dump.value("ipvs nftables table name", table.table)
      dump.value("ipvs nftables base chain priority", table.priority)
      dump.value("ipvs nftables start fwmark", table.startFwmark)
    }
    dump.line(" nftables \(global.nftablesCounters ? "with" : "without") counters")
  }

  private static func iptables(
    _ chains: GlobalDefinitions.IPTables, _ given: [String]?, _ dump: inout DumpText
  ) {
    dump.value("Iptables input chain", chains.input)
    if let output = chains.output { dump.value("Iptables output chain", output) }
    let sets = given?.isEmpty == true ? nil : IPSetNames(given ?? [])
    dump.value("Using ipsets", sets != nil)
    guard let sets else { return }
    dump.value("ipset IPv4 address set", sets.ipv4)
    dump.value("ipset IPv6 address set", sets.ipv6)
    dump.value("ipset IPv6 address,iface set", sets.ipv6Interface)
    dump.value("ipset IGMP set", sets.igmp)
    dump.value("ipset MLD set", sets.mld)
    dump.value("ipset ND set", sets.neighborDiscovery)
  }

  static func checks(_ global: GlobalDefinitions, _ dump: inout DumpText) {
    dump.value("VRRP check unicast_src", global.vrrp.checkUnicastSrc)
    dump.value("VRRP skip check advert addresses", global.vrrp.skipCheckAdvAddr)
    dump.value("VRRP strict mode", global.vrrp.strict)
    let highest =
      switch global.maxAutoPriority {
      case .notSet: "0"
      case .off: "Disabled"
      case .upTo(let priority): "\(priority)"
      }
    dump.value("Max auto priority", highest)
    dump.value("Min auto priority delay", "\(global.minAutoPriorityDelay.count) usecs")
  }

  static func scheduling(_ global: GlobalDefinitions, _ dump: inout DumpText) {
    let processes = [
      ("VRRP", global.vrrpProcess), ("Checker", global.checkerProcess), ("BFD", global.bfdProcess),
    ]
    for (name, process) in processes {
      dump.value("\(name) process priority", process.priority)
      dump.value("\(name) don't swap", process.noSwap)
      dump.value("\(name) realtime priority", process.rtPriority)
      if !process.cpuAffinity.isEmpty {
        let list = process.cpuAffinity.map { "\($0)" }.joined(separator: " ")
        dump.value("\(name) CPU Affinity", list)
      }
      dump.value("\(name) realtime limit", process.rlimitRttime?.count ?? 0)
    }
  }

  static func agents(_ global: GlobalDefinitions, _ dump: inout DumpText) {
    let snmp = global.snmp
    let parts: [(String, Bool)] = [
      ("vrrp", snmp.enableVRRP), ("checker", snmp.enableChecker), ("RFCv2", snmp.enableRFCv2),
      ("RFCv3", snmp.enableRFCv3), ("traps", snmp.enableTraps),
    ]
    for (name, isOn) in parts { dump.line(" SNMP \(name) \(isOn ? "enabled" : "disabled")") }
    dump.value("SNMP socket", snmp.socket ?? "default (unix:/var/agentx/master)")
    dump.value("SNMP VS stats update interval", snmp.vsStatsUpdateInterval.secondsText)
    dump.value("SNMP RS stats update interval", snmp.rsStatsUpdateInterval.secondsText)
    dump.line(" DBus \(global.dbus.enable ? "enabled" : "disabled")")
    // Compatibility: the standard name is not shown.
    let isStandard = global.dbus.serviceName == DBusSettings().serviceName
    dump.value("DBus service name", isStandard ? "" : global.dbus.serviceName)
    dump.value("DBus no interface name", global.dbus.noInterfaceName)
  }

  static func buffers(_ global: GlobalDefinitions, _ dump: inout DumpText) {
    let all: [(String, SocketBuffer)] = [
      ("vrrp_netlink_cmd", global.vrrp.netlinkCmdRcvBufs),
      ("vrrp_netlink_monitor", global.vrrp.netlinkMonitorRcvBufs),
      ("process_monitor", global.vrrp.processMonitorRcvBufs),
      ("lvs_netlink_cmd", global.lvs.netlinkCmdRcvBufs),
      ("lvs_netlink_monitor", global.lvs.netlinkMonitorRcvBufs),
    ]
    for (name, buffer) in all {
      dump.value("\(name)_rcv_bufs", buffer.bytes)
      dump.value("\(name)_rcv_bufs_force", buffer.force.number)
    }
  }

  static func rest(
    _ global: GlobalDefinitions, _ surroundings: Surroundings, _ dump: inout DumpText
  ) {
    dump.value("rs_init_notifies", global.scripts.rsInitNotifies.number)
    dump.value("no_checker_emails", global.mail.noCheckerEmails.number)
    switch global.vrrp.rxBufsPolicy {
    case .system: break
    case .mtu: dump.value("rx_bufs_policy", "MTU")
    case .advert: dump.value("rx_bufs_policy", "ADVERT")
    case .bytes(let size): dump.value("rx_bufs_size", size)
    }
    dump.value("rx_bufs_multiples", global.vrrp.rxBufsMultiplier)
    dump.value("umask", "0" + String(surroundings.umask, radix: 8))
    if global.vrrp.startupDelay > .zero {
      dump.value("vrrp_startup_delay", global.vrrp.startupDelay.secondsText)
    }
    if global.vrrp.logUnknownVRIDs { dump.line(" log_unknown_vrids") }
    if global.vrrp.ownerIgnoreAdverts { dump.line(" vrrp_owner_ignore_adverts") }
    dump.line(" json_version \(global.dumps.jsonVersion)")
    dump.line(" iproute usr directory \(global.reading.iprouteUsrDir ?? "(none)")")
    dump.line(" iproute etc directory \(global.reading.iprouteEtcDir ?? "(none)")")
    let files: [(String, String?)] = [
      ("state", global.dumps.stateDumpFile), ("stats", global.dumps.statsDumpFile),
      ("json", global.dumps.jsonDumpFile),
    ]
    for (name, path) in files {
      if let path { dump.line(" \(name) dump file \(path)") }
    }
  }
}
