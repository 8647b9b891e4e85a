import Configuration
import ConfigurationSyntax
import Primitives
import Testing

@Suite("global_defs")
struct GlobalKeywordTests {
  @Test(
    "A bad value is reported on its line and changes nothing",
    arguments: [
      ("router_id", "routerid name missing - ignoring"),
      ("process_name abcdefghijklmnopq", "more than 15 characters, truncating"),
      ("umask 01000", "invalid umask value 01000"),
      ("umask IRUSR|XYZ", "Unknown umask bit XYZ"),
      ("umask IRUSR|", "umask missing bit value"),
      ("random_seed x", "random_seed x invalid"),
      ("data_use_instance x", "Invalid value 'x' for global date_use_instance specified"),
      ("json_version 3", "Invalid JSON version"),
      ("json_version", "json_version requires version"),
      ("state_dump_file", "state_dump_file requires a non-empty path"),
      ("include_check readable", "Unknown include_check type 'readable' - ignoring"),
      ("include_check match read", "Duplicate include_check 'read' specified - ignoring"),
      ("tmp_config_directory", "tmp_config_directory missing directory name"),
      ("reload_time_file", "reload_time_file invalid"),
      ("iproute_usr_dir", "iproute_usr_dir requires path"),
      ("script_user", "No script username specified"),
      ("script_user nobody", "Error setting global script uid/gid"),
      ("script_user web nogroup", "Error setting global script uid/gid"),
      ("set_supplementary_groups x", "Invalid set_supplementary_groups parameter x"),
      ("use_symlink_paths x", "Invalid value 'x' for global use_symlink_path specified"),
      ("startup_script", "startup script missing"),
      ("startup_script /x nobody", "Invalid startup script"),
      ("startup_script_timeout 0", "startup_script_timeout '0' must be in [1, 1000] - ignoring"),
      ("shutdown_script_timeout", "shutdown_script_timeout requires value"),
      ("notify_fifo", "No notify_fifo name specified"),
      ("vrrp_notify_fifo_script", "No vrrp_notify_fifo_script specified"),
      ("notification_email { }", "Warning - empty notification_email block"),
      ("notification_email_from", "emailfrom missing - ignoring"),
      ("smtp_server nowhere", "Invalid smtp server nowhere 25"),
      ("smtp_server mail.example 0", "Invalid smtp server mail.example 0"),
      ("smtp_connect_timeout 5000", "must be in [0, 4294] - ignoring"),
      ("smtp_connect_timeout 0", "smtp_conect_timeout must be greater than 0, setting to 1"),
      ("smtp_alert x", "Invalid value 'x' for global smtp_alert specified"),
      ("checker_log_all_failures x", "Invalid value for checker_log_all_failures specified"),
      ("vrrp_priority 20", "Invalid vrrp process priority specified"),
      ("checker_priority", "No checker process priority specified"),
      ("vrrp_rt_priority 100", "priority 100 greater than maximum 99 - setting to maximum"),
      ("bfd_cpu_affinity 0 4", "Invalid cpu_id:4 specified for bfd process"),
      ("vrrp_rlimit_rttime 0", "Invalid vrrp real-time limit - 0"),
      ("max_auto_priority 100", "must be in [0, 99] (or -1 to disable) - ignoring"),
      ("min_auto_priority_delay", "min_auto_priority_delay requires delay time"),
      ("vrrp_version 4", "VRRP Error: Version must be either 2 or 3"),
      ("vrrp_mcast_group4 x", "Can't parse vrrp_mcast_group4 [x]. Skipping"),
      ("vrrp_mcast_group4 ff02::1", "vrrp_mcast_group4 [ff02::1] is not IPv4. Skipping"),
      ("vrrp_mcast_group4 192.0.2.1", "is not multicast. Skipping"),
      ("vrrp_mcast_group6 ff05::1", "should be link-local multicast."),
      ("default_interface", "default_interface requires interface name"),
      ("vrrp_garp_master_delay 4295", "vrrp_garp_master_delay '4295' invalid - ignoring"),
      ("vrrp_garp_master_repeat 0", "must be greater than 0, setting to 1"),
      ("vrrp_garp_interval 0", "vrrp_garp_interval '0' is invalid"),
      ("vrrp_gna_interval 5000", "vrrp_gna_interval '5000' is invalid"),
      ("vrrp_min_garp x", "Invalid value for vrrp_min_garp specified"),
      ("vrrp_garp_extra_if all", "vrrp_garp_extra_if specified without time - ignoring"),
      ("vrrp_vmac_garp_intvl 5", "please use \"vrrp_garp_extra_if\""),
      ("vrrp_down_timer_adverts 101", "Invalid vrrp_down_timer_adverts [1:100] '101'"),
      ("dynamic_interfaces often", "Unknown dynamic_interfaces option 'often'"),
      ("vrrp_startup_delay 0", "vrrp_startup_delay '0' is invalid"),
      ("vrrp_rx_bufs_policy", "vrrp_rx_bufs_policy missing"),
      ("vrrp_rx_bufs_policy MTU ADVERT", "MTU and ADVERT, ignoring ADVERT"),
      ("vrrp_rx_bufs_policy 5 MTU", "size and policy, ignoring policy"),
      ("vrrp_rx_bufs_multiplier 0", "Invalid vrrp_rx_bufs_multiplier 0"),
      ("vrrp_netlink_cmd_rcv_bufs", "vrrp_netlink_cmd_rcv_bufs size missing"),
      ("lvs_netlink_cmd_rcv_bufs x", "lvs_netlink_cmd_rcv_bufs size (x) invalid"),
      ("nftables \"\"", "VRRP Error : nftables chain name empty - ignored"),
      ("nftables_priority x", "invalid nftables chain priority 'x'"),
      ("vrrp_iptables A A", "vrrp_iptables: name A used more than once"),
      (
        "vrrp_ipsets abcdefghijklmnopqrstuvwxyz123456",
        "vrrp_ipsets: name abcdefghijklmnopqrstuvwxyz123456 is too long"
      ),
      ("lvs_timeouts", "lvs_timeouts requires at least one option"),
      ("lvs_timeouts tcp x", "Invalid lvs_timeout tcp (x) - ignoring"),
      ("lvs_timeouts icmp 5", "Unknown option icmp specified for lvs_timeouts"),
      ("lvs_flush_on_stop RS", "Unknown lvs_flush_on_stop type RS"),
      ("lvs_sync_daemon", "lvs_sync_daemon requires interface"),
      ("lvs_sync_daemon eth0 id 300", "Invalid syncid (300) - defaulting to vrid"),
      ("snmp_socket a b", "Too many parameters specified for snmp_socket - ignoring"),
      ("snmp_rs_stats_update_interval 31", "snmp stats vs update interval '31' invalid"),
      ("dbus_service_name", "dbus_service_name missing - ignoring"),
      ("net_namespace blue", "Unknown keyword 'net_namespace'"),
    ])
  func badValue(line: String, message: String) {
    let outcome = readGlobal(line)
    #expect(outcome.testExitStatus == 5)
    #expect(outcome.lines == [2])
    #expect(outcome.messages.contains { $0.contains(message) }, "\(outcome.messages)")
    #expect(outcome.refusals.isEmpty)
  }

  @Test(
    "Without its word the keyword ends the reading",
    arguments: [
      "process_name", "umask", "random_seed", "config_save_dir", "smtp_server",
      "smtp_connect_timeout", "vrrp_version", "vrrp_mcast_group4", "vrrp_garp_master_delay",
      "vmac_prefix", "nftables_priority", "vrrp_rlimit_rttime", "lvs_sync_daemon eth0 inst",
    ])
  func missingWord(line: String) {
    let outcome = readGlobal(line)
    #expect(outcome.testExitStatus == 2)
    #expect(outcome.refusals == [Refusal(.parent, .missingParameter)])
    #expect(outcome.lines == [2])
  }

  @Test("Values arrive in the tree")
  func values() {
    let outcome = read(
      """
      net_namespace blue
      instance one
      child_wait_time 7
      global_defs {
        router_id R1
        umask IRWXG | IRWXO
        vrrp_version 3
        vrrp_mcast_group4 224.0.0.19
        vrrp_garp_master_delay 2
        vrrp_garp_lower_prio_repeat 0
        vrrp_garp_interval 0.5
        vrrp_startup_delay 1.5
        vrrp_rt_priority 50
        vrrp_cpu_affinity 1 3
        max_auto_priority -1
        dynamic_interfaces allow_if_changes
        vrrp_rx_bufs_policy ADVERT
        script_user web :adm
        notify_fifo /run/fifo
        reload_file
      }
      """)
    #expect(outcome.messages == [])
    let global = outcome.configuration.global
    #expect(global.netNamespace == "blue")
    #expect(global.instance == "one")
    #expect(global.childWaitTime == .seconds(7))
    #expect(global.routerID == "R1")
    #expect(global.umask == 0o077)
    #expect(global.vrrp.version == .three)
    #expect(global.vrrp.mcastGroup4 == IPv4Address(224, 0, 0, 19))
    #expect(global.vrrp.garp.masterDelay == .seconds(2))
    #expect(global.vrrp.garp.lowerPrioDelay == .seconds(2))
    #expect(global.vrrp.garp.lowerPrioRepeat == 0)
    #expect(global.vrrp.garpInterval == .milliseconds(500))
    #expect(global.vrrp.startupDelay == .milliseconds(1500))
    #expect(global.vrrpProcess.rtPriority == 50)
    #expect(global.vrrpProcess.cpuAffinity == [1, 3])
    #expect(global.maxAutoPriority == .off)
    #expect(global.vrrp.dynamicInterfaces == .allowIfChanges)
    #expect(global.vrrp.rxBufsPolicy == .advert)
    let account = ScriptAccount(user: 1000, group: 4, supplementaryGroups: [27])
    #expect(global.scripts.notifyFIFO.account == account)
    #expect(global.reading.reloadFile == .standard)
    #expect(global.mail.smtpAlert == nil)
  }

  @Test("Defaults that depend on other keywords")
  func defaults() {
    let global = readGlobal("smtp_server mail.example").configuration.global
    #expect(global.routerID == "router.example")
    #expect(global.mail.smtpHeloName == "router.example")
    #expect(global.mail.notificationEmailFrom == "root@router.example")
    #expect(global.vrrp.garp == GARPSettings())
    #expect(global.vrrp.mcastGroup6.description == "ff02::12")
  }

  @Test("vrrp_min_garp leaves alone what has been set before it")
  func minimalGARP() {
    let outcome = read(
      "global_defs {\nvrrp_garp_master_repeat 3\nvrrp_min_garp\nvrrp_garp_master_delay 4\n}\n")
    let garp = outcome.configuration.global.vrrp.garp
    #expect(garp.masterRepeat == 3)
    #expect(garp.masterRefreshRepeat == 0)
    #expect(garp.masterDelay == .seconds(4))
  }

  @Test(
    "Mail addresses are quoted where a header needs it",
    arguments: [
      ("a@b", "a@b"), ("\"My Name <a@b>\"", "My Name <a@b>"),
      ("\"My. Name <a@b>\"", "\"My. Name\" <a@b>"),
    ])
  func mailAddress(text: String, expected: String) {
    let outcome = readGlobal("notification_email { \(text) }")
    #expect(outcome.configuration.global.mail.notificationEmail == [expected])
  }

  @Test("A keyword without effect is hinted at once")
  func hints() {
    let outcome = read("global_defs {\nno_email_faults\nrandom_seed 1\nrandom_seed 1\n}\n")
    #expect(outcome.testExitStatus == 0)
    #expect(
      outcome.hints == [
        "'no_email_faults' is read, but has no effect yet",
        "'random_seed' is read, but has no effect yet",
      ])
  }

  @Test("What may be said once is kept as it was said first")
  func onlyOnce() {
    let outcome = read(
      """
      instance a
      instance b
      global_defs {
        vmac_prefix a
        vmac_prefix b
        nftables one
        nftables two
        notify_fifo /a
        notify_fifo /b
        startup_script /usr/bin/true
        startup_script /usr/bin/true
        enable_script_security
      }
      """)
    #expect(outcome.lines == [2, 5, 7, 9, 11])
    #expect(outcome.configuration.global.instance == "a")
    #expect(outcome.configuration.global.vrrp.vmacAddrPrefix == "a")
    #expect(outcome.configuration.global.nftables?.table == "one")
    #expect(outcome.configuration.global.scripts.notifyFIFO.path == "/a")
  }
}
