import Configuration
import Testing

/// What the manual says of a keyword's effect is tied to who reads the property that it sets.
///
/// A keyword's property is its spelling in camel case, or its last words in it; `links` has the
/// others. A property acts if a target behind the configuration reads it: to write it into a dump,
/// or to compare it at a reload, is no effect.
@Suite("Keywords do what the manual says")
struct KeywordEffectTests {
  private static let configuration = ["Configuration", "ConfigurationSyntax"]
  private static let dumps = ["Introspection"]

  /// Keywords of another name than their property; `owner.property` where others have one of that
  /// name.
  private static let links: [String: String] = [
    // Root and global_defs
    "static_ipaddress": "staticAddresses", "SSL": "tls", "vrrp_track_process": "trackProcesses",
    "checker_process_name": "processNames", "lvs_process_name": "processNames",
    "vrrp_priority": "vrrpProcess", "vrrp_no_swap": "vrrpProcess",
    "vrrp_rt_priority": "vrrpProcess", "vrrp_cpu_affinity": "vrrpProcess",
    "vrrp_rlimit_rttime": "vrrpProcess", "vrrp_rlimit_rtime": "vrrpProcess",
    "checker_priority": "checkerProcess", "checker_no_swap": "checkerProcess",
    "checker_rt_priority": "checkerProcess", "checker_cpu_affinity": "checkerProcess",
    "checker_rlimit_rttime": "checkerProcess", "checker_rlimit_rtime": "checkerProcess",
    "bfd_priority": "bfdProcess", "bfd_no_swap": "bfdProcess", "bfd_rt_priority": "bfdProcess",
    "bfd_cpu_affinity": "bfdProcess", "bfd_rlimit_rttime": "bfdProcess",
    "bfd_rlimit_rtime": "bfdProcess",
    "notify_fifo_script": "notifyFIFO", "vrrp_notify_fifo_script": "vrrpNotifyFIFO",
    "lvs_notify_fifo_script": "lvsNotifyFIFO",
    "vrrp_mcast_group6": "multicastDestination", "vrrp_vmac_garp_intvl": "garpExtraIf",
    "vrrp_netlink_cmd_rcv_bufs_force": "netlinkCmdRcvBufs",
    "vrrp_netlink_monitor_rcv_bufs_force": "netlinkMonitorRcvBufs",
    "process_monitor_rcv_bufs_force": "processMonitorRcvBufs",
    "lvs_netlink_cmd_rcv_bufs": "lvs.netlinkCmdRcvBufs",
    "lvs_netlink_cmd_rcv_bufs_force": "lvs.netlinkCmdRcvBufs",
    "lvs_netlink_monitor_rcv_bufs": "lvs.netlinkMonitorRcvBufs",
    "lvs_netlink_monitor_rcv_bufs_force": "lvs.netlinkMonitorRcvBufs",
    "nftables_priority": "nftables",
    "nftables_ipvs_priority": "nftablesIPVS", "lvs_timeouts": "timeoutTCP",
    "snmp_socket": "snmp.socket", "enable_snmp_vrrp": "enableVRRP",
    "enable_snmp_keepalived": "enableVRRP", "enable_snmp_checker": "enableChecker",
    "enable_snmp_rfc": "enableRFCv2", "enable_snmp_rfcv2": "enableRFCv2",
    "enable_snmp_rfcv3": "enableRFCv3", "enable_dbus": "dbus.enable",
    "dbus_service_name": "dbus.serviceName",
    // VRRP
    "native_ipv6": "family", "thread_timer_expired": "timerExpiredBackup", "preempt": "nopreempt",
    "mcast_src_ip": "sourceAddress", "unicast_src_ip": "sourceAddress",
    "mcast_dst_ip": "multicastDestination", "vmac_garp_intvl": "garpExtraIf",
    "virtual_ipaddress": "virtualAddresses", "virtual_ipaddress_excluded": "excludedAddresses",
    "no_accept": "instance.accept", "vrrp_instance/use_vmac": "vmac",
    "virtual_ipaddress/use_vmac": "placement", "use_ipvlan/bridge": "ipvlan.mode",
    "use_ipvlan/private": "ipvlan.mode", "use_ipvlan/vepa": "ipvlan.mode",
    "track_process": "trackProcesses",
    "dev": "device", "brd": "broadcast", "preferred_lft": "preferredLifetime", "home": "flags",
    "-nodad": "flags", "mngtmpaddr": "flags", "noprefixroute": "flags", "autojoin": "flags",
    "neighbour_ip": "neighborIP",
    // Routes and rules
    "to": "destination", "inet": "family", "inet6": "family", "src": "preferredSource",
    "gw": "via", "or": "nexthops", "dsfield": "tos", "virtual_routes/vrf": "table",
    "static_routes/vrf": "table",
    "virtual_routes/protocol": "routeProtocol", "static_routes/protocol": "routeProtocol",
    "virtual_rules/protocol": "ruleProtocol", "static_rules/protocol": "ruleProtocol",
    "virtual_routes/priority": "metric", "static_routes/priority": "metric",
    "virtual_routes/preference": "metric", "static_routes/preference": "metric",
    "virtual_routes/oif": "device", "static_routes/oif": "device", "pref": "preference",
    "encap": "encapsulation", "add": "placement", "append": "placement", "prepend": "placement",
    "mtu": "metrics", "advmss": "metrics", "reordering": "metrics", "cwnd": "metrics",
    "ssthresh": "metrics", "virtual_routes/hoplimit": "metrics",
    "static_routes/hoplimit": "metrics", "window": "metrics", "initcwnd": "metrics",
    "initrwnd": "metrics", "quickack": "metrics", "fastopen_no_cookie": "metrics",
    "features": "metrics", "rtt": "metrics", "rttvar": "metrics", "rto_min": "metrics",
    "congctl": "congestionControl", "dst": "destination", "encap ip/src": "source",
    "encap ip6/src": "source", "encap ip/tos": "trafficClass", "tc": "trafficClass",
    "ttl": "hopLimit", "encap ip6/hoplimit": "hopLimit",
    "not": "isInverted", "order": "priority", "virtual_rules/preference": "priority",
    "static_rules/preference": "priority", "virtual_rules/fwmark": "fwmark",
    "static_rules/fwmark": "fwmark", "sup_pl": "suppressPrefixLength",
    "suppress_ifgroup": "suppressGroup", "sup_group": "suppressGroup",
    "virtual_rules/dev": "inputDevice", "static_rules/dev": "inputDevice", "iif": "inputDevice",
    "virtual_rules/oif": "outputDevice", "static_rules/oif": "outputDevice",
    "uidrange": "userRange", "l3mdev": "action", "ipproto": "ipProtocol", "sport": "sourcePorts",
    "dport": "destinationPorts", "virtual_rules/table": "action", "static_rules/table": "action",
    "lookup": "action", "type": "action",
    // IPVS
    "lb_algo": "scheduler", "lvs_sched": "scheduler", "ops": "isOnePacket",
    "hashed": "schedulerFlags",
    "flag-1": "schedulerFlags", "flag-2": "schedulerFlags", "flag-3": "schedulerFlags",
    "sh-fallback": "schedulerFlags", "mh-fallback": "schedulerFlags",
    "persistence_engine": "persistence", "persistence_granularity": "persistence",
    "virtual_server/protocol": "transport", "inhibit_on_failure": "inhibitsOnFailure",
    "sorry_server_inhibit": "inhibitsOnFailure", "uthreshold": "upperThreshold",
    "lthreshold": "lowerThreshold", "TCP_CHECK": "checkers", "HTTP_GET": "checkers",
    "SSL_GET": "checkers", "SMTP_CHECK": "checkers", "DNS_CHECK": "checkers",
    "UDP_CHECK": "checkers", "PING_CHECK": "checkers", "MISC_CHECK": "checkers",
    "BFD_CHECK": "checkers", "FILE_CHECK": "checkers", "connect_ip": "connection",
    "SMTP_CHECK/host": "connection", "bindto": "bindAddress", "bind_if": "bindInterface",
    "fwmark": "mark", "log_all_failures": "logsAllFailures", "http_protocol": "version",
    "enable_sni": "enablesSNI", "regex_no_match": "isNegated",
  ]

  /// Keywords that act while the text is read: the property is read by the configuration itself.
  private static let actsOnReading: [String: String] = [
    "iproute_usr_dir": "iprouteUsrDir", "iproute_etc_dir": "iprouteEtcDir",
    "enable_script_security": "enableScriptSecurity",
    "set_supplementary_groups": "setSupplementaryGroups", "use_symlink_paths": "useSymlinkPaths",
    "default_interface": "defaultInterface", "vrrp_strict": "strict", "strict_mode": "strictMode",
    "dynamic_interfaces": "dynamicInterfaces", "include_check": "includeChecks",
    "sync_group_tracking_weight": "syncGroupTrackingWeight",
    "global_tracking": "syncGroupTrackingWeight",
  ]

  /// Keywords without a property of their own, and why.
  private static let withoutProperty: [String: String] = [
    "global_defs": "a block of other keywords",
    "no_virtual_ipaddress": "takes back an error of the reader",
    "accept": "what is done without it too",
    "as": "is not supported, which is reported",
  ]

  /// Blocks that only a keyword without effect opens: nothing in them has one.
  private static let inertBlocks: [String: [String]] = [
    "vrrp_track_process": ["vrrp_track_process"]
  ]

  // MARK: What is read where

  /// `name` of each `.name` in the code, and `owner.name` of each `owner.name`.
  private static func members(_ files: [Repository.File]) -> Set<String> {
    var found: Set<String> = []
    for line in files.flatMap(\.code) where !comparesAtReload(line) {
      // What is assigned is not read.
      let target = line.firstRange(of: " = ").map { line[..<$0.lowerBound].drop { $0 == " " } }
      let isAssignment = target?.allSatisfy { $0.isLetter || $0.isNumber || "._?".contains($0) }
      let code = isAssignment == true ? line.drop { $0 != "=" } : line[...]
      let path = code.filter { $0 != "?" }
      for part in path.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == ".") }) {
        let names = part.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        for (owner, name) in zip(names, names.dropFirst()) where !name.isEmpty {
          found.formUnion([name, "\(owner).\(name)"])
        }
      }
    }
    return found
  }

  private static func comparesAtReload(_ line: String) -> Bool {
    line.contains("old.") && line.contains("!= new.")
  }

  private static func files(in targets: [String]) -> [Repository.File] {
    Repository.sources.filter { file in
      targets.contains { file.path.hasPrefix("Sources/\($0)/") }
    }
  }

  private static let tree = Repository.sources.filter {
    $0.path.hasPrefix("Sources/Configuration/Tree/")
  }

  /// The stored and computed properties of the tree, by their names in lower case.
  private static let properties: [String: String] = {
    var found: [String: String] = [:]
    for line in tree.flatMap(\.code) {
      for keyword in ["package var ", "package let "] where line.contains(keyword) {
        let name = line.drop { $0 == " " }.dropFirst(keyword.count)
          .prefix { $0.isLetter || $0.isNumber }
        found[name.lowercased()] = String(name)
      }
    }
    return found
  }()

  private static let acting = members(
    Repository.sources.filter { file in
      !(configuration + dumps).contains { file.path.hasPrefix("Sources/\($0)/") }
    })

  private static let reading = members(
    files(in: configuration).filter { !$0.path.contains("/Tree/") })

  /// The property of a keyword: its link, or the longest end of its name that is a property's.
  private static func property(of keyword: KeywordDescription) -> String? {
    let link = links["\(keyword.block)/\(keyword.name)"] ?? links[keyword.name]
    if let link { return link }
    var words = keyword.name.lowercased().split { "_-".contains($0) }[...]
    while !words.isEmpty {
      let name = words.joined()
      for spelling in [name, "is\(name)", "has\(name)", "\(name)s"] {
        if let property = properties[spelling] { return property }
      }
      words.removeFirst()
    }
    return nil
  }

  private static let keywords = Configuration.keywordReference.filter {
    inertBlocks[$0.block] == nil
  }

  // MARK: Tests

  @Test("Each keyword has a property, or a reason to have none")
  func links() {
    #expect(Self.properties.count > 300)
    var linked = 0
    var unlinked: [String] = []
    for keyword in Self.keywords {
      if Self.withoutProperty[keyword.name] != nil { continue }
      if Self.actsOnReading[keyword.name] != nil || Self.property(of: keyword) != nil {
        linked += 1
      } else {
        unlinked.append("\(keyword.block)/\(keyword.name)")
      }
    }
    #expect(unlinked == [])
    #expect(linked >= 400)
    // What is listed is in use, and there is something to find.
    let names = Set(Self.keywords.flatMap { [$0.name, "\($0.block)/\($0.name)"] })
    let listed = Set(Self.links.keys).union(Self.actsOnReading.keys)
      .union(Self.withoutProperty.keys)
    #expect(listed.subtracting(names).sorted() == [])
    let targets = Self.links.values.compactMap { $0.split(separator: ".").last }
    #expect(targets.filter { Self.properties[$0.lowercased()] == nil } == [])
  }

  @Test("A keyword is without effect if nobody acts on its property")
  func effects() {
    #expect(Self.acting.count > 1000)
    var wrong: [String] = []
    for keyword in Self.keywords where Self.withoutProperty[keyword.name] == nil {
      let acts =
        if let property = Self.actsOnReading[keyword.name] {
          Self.reading.contains(property)
        } else {
          Self.property(of: keyword).map(Self.acting.contains) ?? false
        }
      if acts == keyword.isWithoutEffect {
        wrong.append("\(keyword.block)/\(keyword.name) \(acts ? "acts" : "does nothing")")
      }
    }
    #expect(wrong == [])
  }

  @Test("What opens a block without effect is without effect itself")
  func blocks() {
    for (block, openers) in Self.inertBlocks {
      #expect(Configuration.keywordReference.contains { $0.block == block }, "\(block)")
      for opener in openers {
        let rows = Self.keywords.filter { $0.name == opener && $0.block != block }
        #expect(!rows.isEmpty, "\(opener)")
        #expect(rows.filter { !$0.isWithoutEffect }.isEmpty, "\(opener)")
      }
    }
  }

  @Test("No property of the tree is set for nobody")
  func readers() {
    // Properties that only keywords without effect set.
    let inert = Set(
      Configuration.keywordReference.filter(\.isWithoutEffect).compactMap(Self.property)
    )
    let files = ["VRRPInstance", "VRRPSyncGroup", "VirtualServer", "RealServer", "BFDInstance"]
    let names = Self.tree.filter { file in files.contains { file.path.hasSuffix("/\($0).swift") } }
      .flatMap(\.code).compactMap { line -> String? in
        guard line.hasPrefix("  package var ") else { return nil }
        return String(line.dropFirst(14).prefix { $0.isLetter || $0.isNumber })
      }
    #expect(names.count > 100)
    let readers = Self.acting.union(Self.reading).union(inert).union(Self.treeMembers)
    #expect(names.filter { !readers.contains($0) } == [])
  }

  private static let treeMembers = members(tree)
}
