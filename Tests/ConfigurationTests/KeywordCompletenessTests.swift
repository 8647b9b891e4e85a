import ConfigurationSyntax
import Testing

@testable import Configuration

/// The keywords of the manual, block by block.
enum ManualKeywords {
  static let globalDefinitions = words(
    """
    process_names process_name vrrp_process_name checker_process_name lvs_process_name \
    bfd_process_name use_symlink_paths set_supplementary_groups router_id \
    notification_email_from smtp_server smtp_helo_name smtp_connect_timeout notification_email \
    smtp_alert startup_script startup_script_timeout shutdown_script shutdown_script_timeout \
    max_auto_priority min_auto_priority_delay smtp_alert_vrrp smtp_alert_checker \
    checker_log_all_failures dynamic_interfaces no_email_faults default_interface \
    disable_local_igmp v3_checksum_as_v2 lvs_timeouts lvs_flush lvs_flush_on_stop \
    lvs_flush_onstop lvs_sync_daemon vrrp_mcast_group4 vrrp_mcast_group6 \
    vrrp_garp_master_delay vrrp_garp_master_repeat vrrp_garp_master_refresh \
    vrrp_garp_master_refresh_repeat vrrp_garp_lower_prio_delay vrrp_garp_lower_prio_repeat \
    vrrp_down_timer_adverts vrrp_garp_interval vrrp_gna_interval vrrp_min_garp \
    vrrp_garp_extra_if vrrp_vmac_garp_intvl vrrp_lower_prio_no_advert \
    vrrp_higher_prio_send_advert vrrp_version vrrp_iptables vrrp_ipsets nftables nftables_priority \
    nftables_ifindex vrrp_check_unicast_src vrrp_skip_check_adv_addr vrrp_strict vrrp_priority \
    vrrp_no_swap vrrp_rt_priority vrrp_cpu_affinity vrrp_rlimit_rttime vrrp_rlimit_rtime \
    checker_priority checker_no_swap checker_rt_priority checker_cpu_affinity \
    checker_rlimit_rttime checker_rlimit_rtime bfd_priority bfd_no_swap bfd_rt_priority \
    bfd_cpu_affinity bfd_rlimit_rttime bfd_rlimit_rtime nftables_ipvs nftables_ipvs_priority \
    nftables_ipvs_start_fwmark nftables_counters notify_fifo notify_fifo_script \
    vrrp_notify_fifo vrrp_notify_fifo_script lvs_notify_fifo lvs_notify_fifo_script \
    vrrp_notify_priority_changes fifo_write_vrrp_states_on_reload snmp_socket enable_traps \
    enable_snmp_vrrp enable_snmp_keepalived enable_snmp_rfc enable_snmp_rfcv2 \
    enable_snmp_rfcv3 enable_snmp_checker snmp_vs_stats_update_interval \
    snmp_rs_stats_update_interval enable_dbus dbus_service_name dbus_no_interface_name \
    script_user enable_script_security vrrp_netlink_cmd_rcv_bufs \
    vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs \
    vrrp_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs \
    process_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force \
    lvs_netlink_monitor_rcv_bufs lvs_netlink_monitor_rcv_bufs_force rs_init_notifies \
    no_checker_emails vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier vrrp_startup_delay \
    vrrp_delay_after_boot log_unknown_vrids vrrp_owner_ignore_adverts vmac_prefix \
    vmac_addr_prefix umask random_seed reload_check_config reload_time_file reload_repeat \
    reload_file include_check config_save_dir tmp_config_directory data_use_instance \
    json_version iproute_usr_dir iproute_etc_dir state_dump_file stats_dump_file \
    json_dump_file
    """)
  static let root = words(
    """
    linkbeat_use_polling net_namespace net_namespace_ipvs namespace_with_ipsets use_pid_dir \
    instance child_wait_time global_defs track_group static_ipaddress static_routes \
    static_rules vrrp_sync_group garp_group linkbeat_interfaces vrrp_instance vrrp_script \
    vrrp_track_process interface_up_down_delays track_file vrrp_track_file SSL \
    virtual_server_group virtual_server bfd_instance
    """)
  static let instance = words(
    """
    use_vmac use_vmac_addr vmac_xmit_base use_ipvlan unicast_peer unicast_fault_no_peer \
    check_unicast_src old_unicast_checksum native_ipv6 state interface vrf dont_track_primary \
    track_interface track_script track_file track_process track_bfd mcast_src_ip \
    unicast_src_ip mcast_dst_ip track_src_ip virtual_router_id unicast_ttl version priority \
    advert_int virtual_ipaddress virtual_ipaddress_excluded no_virtual_ipaddress \
    promote_secondaries linkbeat_use_polling v3_checksum_as_v2 virtual_routes virtual_rules \
    accept no_accept skip_check_adv_addr strict_mode preempt nopreempt preempt_delay debug \
    notify_backup notify_master notify_fault notify_stop notify_master_rx_lower_pri \
    notify_deleted notify smtp_alert notify_priority_changes lvs_sync_daemon_interface \
    garp_master_delay garp_master_refresh garp_master_repeat garp_master_refresh_repeat \
    garp_lower_prio_delay garp_lower_prio_repeat down_timer_adverts timer_expired_backup \
    thread_timer_expired garp_extra_if vmac_garp_intvl lower_prio_no_advert \
    higher_prio_send_advert owner_ignore_adverts kernel_rx_buf_size authentication auth_hmac
    """)
  static let syncGroup = words(
    """
    group track_interface track_script track_file track_process track_bfd notify_backup \
    notify_master notify_fault notify_stop notify smtp_alert global_tracking \
    sync_group_tracking_weight notify_priority_changes
    """)
  static let script = words(
    """
    script interval timeout weight rise fall user init_fail
    """)
  static let process = words(
    """
    process param_match weight quorum quorum_max delay terminate_delay fork_delay full_command
    """)
  static let file = words(
    """
    file weight init_file
    """)
  static let garpGroup = words(
    """
    garp_interval gna_interval interface interfaces
    """)
  static let trackGroup = words(
    """
    group
    """)
  static let authentication = words(
    """
    auth_type auth_pass
    """)
  static let hmac = words(
    """
    key active_key time_window anti_replay mode
    """)
  static let address = words(
    """
    dev scope brd broadcast label peer home -nodad mngtmpaddr noprefixroute autojoin \
    preferred_lft no_track use_vmac
    """)
  static let route = words(
    """
    to inet inet6 src as via gw from tos dsfield table vrf protocol scope metric priority \
    preference dev oif onlink encap expires mtu advmss hoplimit rtt rttvar rto_min reordering \
    window cwnd ssthresh realms initcwnd initrwnd features quickack congctl pref ttl-propagate \
    fastopen_no_cookie add prepend append or no_track
    """)
  static let nexthop = words(
    """
    via dev weight onlink encap realms as
    """)
  static let encapIP = words(
    """
    id dst src tos ttl flags
    """)
  static let encapIP6 = words(
    """
    id dst src tc hoplimit flags
    """)
  static let rule = words(
    """
    inet inet6 from to table lookup not preference order priority tos dsfield fwmark realms \
    suppress_prefixlength sup_pl suppress_ifgroup sup_group dev iif oif tunnel-id uidrange \
    l3mdev protocol ipproto sport dport type no_track
    """)
  static let vmac = words(
    """
    name group netlink_notify_msg
    """)
  static let ipvlan = words(
    """
    bridge private vepa name group
    """)
  static let bfd = words(
    """
    neighbor_ip neighbour_ip source_ip min_rx min_tx idle_tx multiplier passive ttl hoplimit \
    max_hops multihop weight vrrp checker
    """)

  static let virtualServer = words(
    """
    ip_family retry delay_before_retry warmup connect_timeout delay_loop inhibit_on_failure \
    lb_algo lvs_sched hashed ops flag-1 flag-2 flag-3 sh-port sh-fallback mh-port mh-fallback \
    lb_kind lvs_method persistence_engine persistence_timeout persistence_granularity protocol \
    ha_suspend smtp_alert virtualhost snmp_name alpha omega quorum_up quorum_down quorum \
    hysteresis weight sorry_server sorry_server_inhibit sorry_server_lvs_method real_server
    """)
  static let realServer = words(
    """
    weight lvs_method uthreshold lthreshold inhibit_on_failure notify_up notify_down alpha \
    retry delay_before_retry warmup connect_timeout delay_loop smtp_alert virtualhost \
    snmp_name MISC_CHECK SMTP_CHECK TCP_CHECK PING_CHECK UDP_CHECK HTTP_GET SSL_GET DNS_CHECK \
    FILE_CHECK BFD_CHECK
    """)
  static let connection = words(
    """
    connect_ip connect_port bindto bind_port bind_if connect_timeout fwmark
    """)
  static let check = words(
    """
    retry delay_before_retry warmup delay_loop alpha log_all_failures
    """)
  static let smtpCheck = words(
    """
    helo_name host
    """)
  static let dnsCheck = words(
    """
    type name
    """)
  static let udpCheck = words(
    """
    payload require_reply min_reply_length max_reply_length
    """)
  static let miscCheck = words(
    """
    misc_path misc_timeout misc_dynamic user
    """)
  static let bfdCheck = words(
    """
    name alpha
    """)
  static let fileCheck = words(
    """
    track_file weight
    """)
  static let httpCheck = words(
    """
    nb_get_retry virtualhost http_protocol enable_sni sni_name fast_recovery url
    """)
  static let url = words(
    """
    path digest status_code virtualhost regex regex_no_match regex_options regex_min_offset \
    regex_max_offset regex_stack
    """)
  static let tls = words(
    """
    password ca certificate key
    """)

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}

@Suite("Every keyword of the manual has a row, and every row is in the manual")
struct KeywordCompletenessTests {
  private static func check(_ rows: [String], _ manual: [String]) {
    #expect(Set(manual).subtracting(rows).sorted() == [])
    #expect(Set(rows).subtracting(manual).sorted() == [])
    #expect(rows.count == Set(rows).count, "a name stands twice")
  }

  @Test("Blocks of global definitions and VRRP")
  func blocks() {
    Self.check(GlobalDefinitions.keywords.rows.map(\.name), ManualKeywords.globalDefinitions)
    Self.check(RootKeywords.all.map(\.name), ManualKeywords.root)
    Self.check(VRRPInstance.keywords.rows.map(\.name), ManualKeywords.instance)
    Self.check(VRRPSyncGroup.keywords.rows.map(\.name), ManualKeywords.syncGroup)
    Self.check(VRRPScript.keywords.rows.map(\.name), ManualKeywords.script)
    Self.check(TrackProcess.keywords.rows.map(\.name), ManualKeywords.process)
    Self.check(TrackFile.keywords.rows.map(\.name), ManualKeywords.file)
    Self.check(GARPGroup.keywords.rows.map(\.name), ManualKeywords.garpGroup)
    Self.check(TrackGroup.keywords.rows.map(\.name), ManualKeywords.trackGroup)
    Self.check(Authentication.keywords.rows.map(\.name), ManualKeywords.authentication)
    Self.check(AuthHMACSettings.keywords.rows.map(\.name), ManualKeywords.hmac)
    Self.check(BFDInstance.keywords.rows.map(\.name), ManualKeywords.bfd)
    Self.check(TrackedBFD.keywords.rows.map(\.name), ManualKeywords.bfd)
  }

  @Test("Blocks of virtual servers and their checkers")
  func virtualServers() {
    typealias Manual = ManualKeywords
    let connecting = Manual.connection + Manual.check
    Self.check(VirtualServer.keywords.rows.map(\.name), Manual.virtualServer)
    Self.check(RealServer.keywords.rows.map(\.name), Manual.realServer)
    Self.check(CheckerKeywords.tcp.rows.map(\.name), connecting)
    Self.check(CheckerKeywords.ping.rows.map(\.name), connecting)
    Self.check(CheckerKeywords.smtp.rows.map(\.name), connecting + Manual.smtpCheck)
    Self.check(CheckerKeywords.smtpHost.rows.map(\.name), connecting)
    Self.check(CheckerKeywords.dns.rows.map(\.name), connecting + Manual.dnsCheck)
    Self.check(CheckerKeywords.udp.rows.map(\.name), connecting + Manual.udpCheck)
    Self.check(CheckerKeywords.http.rows.map(\.name), connecting + Manual.httpCheck)
    Self.check(
      CheckerKeywords.https.rows.map(\.name), connecting + Manual.httpCheck + ["tls_compliant"])
    Self.check(HTTPCheck.URL.keywords.rows.map(\.name), Manual.url)
    Self.check(HTTPCheck.URL.tlsKeywords.rows.map(\.name), Manual.url + ["tls_compliant"])
    Self.check(CheckerKeywords.misc.rows.map(\.name), Manual.check + Manual.miscCheck)
    Self.check(CheckerKeywords.bfd.rows.map(\.name), Manual.bfdCheck)
    Self.check(CheckerKeywords.file.rows.map(\.name), Manual.fileCheck)
    Self.check(TLSClientSettings.keywords.rows.map(\.name), Manual.tls)
  }

  @Test("Lines of addresses, routes, rules and interfaces")
  func lines() {
    Self.check(AddressLine.virtualWords.rows.map(\.name), ManualKeywords.address)
    Self.check(
      AddressLine.staticWords.rows.map(\.name),
      ManualKeywords.address.filter { $0 != "use_vmac" } + ["track_group"])
    Self.check(RouteLine.words.rows.map(\.name), ManualKeywords.route)
    Self.check(RouteLine.staticWords.rows.map(\.name), ManualKeywords.route + ["track_group"])
    Self.check(RouteLine.NextHop.words.rows.map(\.name), ManualKeywords.nexthop)
    Self.check(RouteLine.Encapsulation.ip4Words.rows.map(\.name), ManualKeywords.encapIP)
    Self.check(RouteLine.Encapsulation.ip6Words.rows.map(\.name), ManualKeywords.encapIP6)
    Self.check(RuleLine.words.rows.map(\.name), ManualKeywords.rule)
    Self.check(RuleLine.staticWords.rows.map(\.name), ManualKeywords.rule + ["track_group"])
    Self.check(VMAC.words.rows.map(\.name), ManualKeywords.vmac)
    Self.check(IPVLAN.words.rows.map(\.name), ManualKeywords.ipvlan)
  }

  @Test("Every row has a help text and a name of its own in its block")
  func help() {
    let reference = Configuration.keywordReference
    #expect(reference.allSatisfy { !$0.help.isEmpty })
    let names = reference.map { $0.block + "/" + $0.name }
    #expect(Set(names).count == names.count)
    #expect(reference.first { $0.name == "vrrp_track_process" }?.isWithoutEffect == true)
  }
}
