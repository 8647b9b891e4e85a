import ConfigurationSyntax
import Primitives

extension GlobalDefinitions {
  /// Defaults of instances, and the VRRP process.
  static let vrrpKeywords: [GlobalKeyword] = [
    .unsigned(
      "vrrp_version", "2|3", 2...3, default: "2, IPv6 3", "Default version.",
      invalid: { _, _ in "VRRP Error: Version must be either 2 or 3" }
    ) { $0.global.vrrp.version = $1 == 3 ? .three : .two },
    GlobalKeyword(
      "vrrp_mcast_group4", "ADDR", range: "IPv4 multicast", default: "224.0.0.18",
      "Destination of IPv4 adverts."
    ) { reading, line, _ throws(ReadingStop) in
      if case .ipv4(let address)? = try multicastGroup(line, .ipv4, reading) {
        reading.global.vrrp.mcastGroup4 = address
      }
    },
    GlobalKeyword(
      "vrrp_mcast_group6", "ADDR", range: "IPv6 multicast", default: "ff02::12",
      "Destination of IPv6 adverts."
    ) { reading, line, reader throws(ReadingStop) in
      guard case .ipv6(let address)? = try multicastGroup(line, .ipv6, reading) else { return }
      if !address.isLinkLocalMulticast {
        reader.context.report(
          .warning,
          "vrrp_mcast_group6 [\(try line.word(1).text)] should be link-local multicast.",
          at: line, word: 1)
      }
      reading.global.vrrp.mcastGroup6 = address
    },
    GlobalKeyword(
      "default_interface", "IF", default: "eth0", "Interface of static addresses without one."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "default_interface requires interface name", at: line)
        return
      }
      reading.global.vrrp.defaultInterface = try line.word(1).text
    },
    .unsigned(
      "vrrp_down_timer_adverts", "N", 1...100, default: "3",
      "Adverts missed before the master is down.",
      invalid: { "Invalid vrrp_down_timer_adverts [1:100] '\($1)'" }
    ) { $0.global.vrrp.downTimerAdverts = UInt8(truncatingIfNeeded: $1) },
    .boolean(
      "vrrp_lower_prio_no_advert", "Do not answer adverts of lower priority.",
      invalid: { _, _ in "Invalid value for vrrp_lower_prio_no_advert specified" }
    ) { $0.global.vrrp.lowerPrioNoAdvert = $1 },
    .boolean(
      "vrrp_higher_prio_send_advert", "Send an advert before yielding.",
      invalid: { _, _ in "Invalid value for vrrp_higher_prio_send_advert specified" }
    ) { $0.global.vrrp.higherPrioSendAdvert = $1 },
    // Compatibility: whatever follows it, the option is on.
    .flag("v3_checksum_as_v2", "Version 3 checksums of IPv4 without a pseudo header.") {
      $0.global.vrrp.v3ChecksumAsV2 = true
    },
    .flag("vrrp_check_unicast_src", "Unicast adverts must come from a configured peer.") {
      $0.global.vrrp.checkUnicastSrc = true
    },
    .boolean(
      "vrrp_skip_check_adv_addr", "Do not compare the addresses of each advert.",
      invalid: invalidGlobal("vrrp_check_adv_addr")
    ) { $0.global.vrrp.skipCheckAdvAddr = $1 },
    .boolean(
      "vrrp_strict", "Keep strictly to the RFCs.", invalid: invalidGlobal("vrrp_strict")
    ) { $0.global.vrrp.strict = $1 },
    .boolean(
      "vrrp_owner_ignore_adverts", "The owner of the addresses ignores adverts.",
      invalid: invalidGlobal("vrrp_owner_ignore_adverts")
    ) { $0.global.vrrp.ownerIgnoreAdverts = $1 },
    GlobalKeyword(
      "dynamic_interfaces", "[allow_if_changes]", default: "off",
      "Interfaces may come and go; with the option they may change their type."
    ) { reading, line, reader throws(ReadingStop) in
      reading.global.vrrp.dynamicInterfaces = .on
      guard line.words.count > 1 else { return }
      let word = try line.word(1).text
      if word == "allow_if_changes" {
        reading.global.vrrp.dynamicInterfaces = .allowIfChanges
      } else {
        reader.context.report(
          .general, "Unknown dynamic_interfaces option '\(word)'", at: line, word: 1,
          expected: "allow_if_changes")
      }
    },
    GlobalKeyword(
      "disable_local_igmp", default: "off", "No IGMP reports for 224.0.0.0/24 by the kernel."
    ) { reading, line, reader throws(ReadingStop) in
      if reading.host.canDisableLocalIGMP {
        reading.global.vrrp.disableLocalIGMP = true
      } else {
        reader.context.report(
          .general, "kernel does not support disable_local_igmp", at: line)
      }
    },
    .flag("log_unknown_vrids", "Log adverts for VRIDs without an instance.") {
      $0.global.vrrp.logUnknownVRIDs = true
    },
    prefix("vmac_prefix", "vmac") { vrrp, word in
      let isStandard = vrrp.vmacAddrPrefix == vrrp.vmacPrefix
      vrrp.vmacPrefix = word
      if isStandard { vrrp.vmacAddrPrefix = word }
    },
    prefix("vmac_addr_prefix", "vmac_addr") { $0.vmacAddrPrefix = $1 },
  ]

  private static func multicastGroup(
    _ line: Statement, _ family: AddressFamily, _ reading: Reading
  ) throws(ReadingStop) -> IPAddress? {
    let word = try line.word(1).text
    let name = "\(line.keyword) [\(word)]"
    guard let address = ReadingContext.address(word) else {
      reading.report(.general, "Can't parse \(name). Skipping", at: line, word: 1)
      return nil
    }
    guard address.family == family else {
      reading.report(.general, "\(name) is not IPv\(family.version). Skipping", at: line, word: 1)
      return nil
    }
    guard address.isMulticast else {
      reading.report(.general, "\(name) is not multicast. Skipping", at: line, word: 1)
      return nil
    }
    return address
  }

  private static func prefix(
    _ name: String, _ label: String,
    set: @escaping @Sendable (inout VRRPGlobals, String) -> Void
  ) -> GlobalKeyword {
    GlobalKeyword(
      name, "STRING", default: "vrrp", "First letters of the names of VMACs."
    ) { reading, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      guard reading.prefixesSet.insert(name).inserted else {
        reader.context.report(
          .general, "\(label) prefix has already been specified - ignoring \(word)", at: line)
        return
      }
      set(&reading.global.vrrp, word)
    }
  }

  /// Receive buffers of sockets.
  static let bufferKeywords: [GlobalKeyword] =
    buffer("vrrp_netlink_cmd", .effective, \.vrrp.netlinkCmdRcvBufs)
    + buffer("vrrp_netlink_monitor", .effective, \.vrrp.netlinkMonitorRcvBufs)
    + buffer("process_monitor", .none, \.vrrp.processMonitorRcvBufs)
    + buffer("lvs_netlink_cmd", .none, \.lvs.netlinkCmdRcvBufs)
    + buffer("lvs_netlink_monitor", .none, \.lvs.netlinkMonitorRcvBufs) + [
      GlobalKeyword(
        "vrrp_rx_bufs_policy", "MTU|ADVERT|BYTES", default: "the system's",
        "How large the receive buffers of VRRP sockets are."
      ) { reading, line, _ throws(ReadingStop) in try readPolicy(reading, line) },
      GlobalKeyword(
        "vrrp_rx_bufs_multiplier", "N", range: "1 to 4294967295", default: "3",
        "Packets that a receive buffer has room for."
      ) { reading, line, reader throws(ReadingStop) in
        let range = 1...UInt64(UInt32.max)
        guard line.words.count == 2,
          let value = try reader.context.unsigned(line, 1, in: range, .strict)
        else {
          reader.context.report(
            .general,
            "Invalid vrrp_rx_bufs_multiplier\(line.arguments.map { " " + $0.text }.joined())",
            at: line, expected: "one number from 1")
          return
        }
        reading.global.vrrp.rxBufsMultiplier = UInt32(truncatingIfNeeded: value)
      },
    ]

  private static func buffer(
    _ name: String, _ effect: GlobalKeyword.Effect,
    _ property: any WritableKeyPath<GlobalDefinitions, SocketBuffer> & Sendable
  ) -> [GlobalKeyword] {
    [
      GlobalKeyword(
        "\(name)_rcv_bufs", "BYTES", range: "0 to 4294967295", default: "0 (the kernel's)",
        effect: effect, "Receive buffer of the socket."
      ) { reading, line, reader throws(ReadingStop) in
        guard line.words.count > 1 else {
          reader.context.report(.general, "\(name)_rcv_bufs size missing", at: line)
          return
        }
        guard
          let bytes = try reader.context.unsigned(line, 1, in: 0...UInt64(UInt32.max), .strict)
        else {
          reader.context.report(
            .general, "\(name)_rcv_bufs size (\(try line.word(1).text)) invalid", at: line, word: 1)
          return
        }
        reading.global[keyPath: property].bytes = UInt32(truncatingIfNeeded: bytes)
      },
      .boolean(
        "\(name)_rcv_bufs_force", effect: effect, "Go beyond the system's limit.",
        invalid: invalidGlobal("\(name)_rcv_bufs_force")
      ) { $0.global[keyPath: property].force = $1 },
    ]
  }

  private static func readPolicy(_ reading: Reading, _ line: Statement) throws(ReadingStop) {
    guard line.words.count > 1 else {
      reading.report(.general, "vrrp_rx_bufs_policy missing", at: line)
      return
    }
    var policy = reading.global.vrrp.rxBufsPolicy
    for index in 1..<line.words.count {
      let word = line.words[index].text
      let named: VRRPGlobals.ReceiveBufferPolicy
      switch word.uppercased() {
      case "MTU": named = .mtu
      case "ADVERT": named = .advert
      default:
        guard
          let bytes = try reading.context.unsigned(line, index, in: 0...UInt64(UInt32.max), .strict)
        else {
          reading.report(
            .general, "Invalid vrrp_rx_bufs_policy \(word)", at: line, word: index,
            expected: "MTU, ADVERT or bytes")
          continue
        }
        named = .bytes(UInt32(truncatingIfNeeded: bytes))
      }
      policy = combined(policy, named, reading, line)
    }
    reading.global.vrrp.rxBufsPolicy = policy
  }

  /// A size beats words, MTU beats ADVERT.
  private static func combined(
    _ old: VRRPGlobals.ReceiveBufferPolicy, _ new: VRRPGlobals.ReceiveBufferPolicy,
    _ reading: Reading, _ line: Statement
  ) -> VRRPGlobals.ReceiveBufferPolicy {
    switch (old, new) {
    case (.system, _), (.mtu, .mtu), (.advert, .advert), (.bytes, .bytes): return new
    case (_, .system): return old
    case (.bytes, _), (_, .bytes):
      reading.report(
        .general, "Cannot set vrrp_rx_bufs_policy size and policy, ignoring policy", at: line)
      if case .bytes = old { return old }
      return new
    case (.mtu, .advert), (.advert, .mtu):
      reading.report(
        .general, "Cannot set both vrrp_rx_bufs_policy MTU and ADVERT, ignoring ADVERT", at: line)
      return .mtu
    }
  }

  private static let startTimes = Microseconds.milliseconds(1)...longestTime

  /// When the VRRP process begins.
  static let startKeywords: [GlobalKeyword] = [
    .time(
      "vrrp_startup_delay", startTimes, default: "0",
      "Wait before taking part.", invalid: { "vrrp_startup_delay '\($1)' is invalid" }
    ) { reading, delay in
      if delay >= .seconds(60) {
        reading.report(
          .note, "The vrrp_startup_delay is very large - \(delay.shortSecondsText) seconds")
      }
      reading.global.vrrp.startupDelay = delay
    },
    GlobalKeyword(
      "vrrp_delay_after_boot", "SECONDS", range: startTimes.seconds, default: "0",
      "Wait until the machine has run that long."
    ) { reading, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      guard let delay = try reader.context.time(line, 1, in: startTimes) else {
        reader.context.report(
          .general, "vrrp_delay_after_boot '\(word)' is invalid", at: line, word: 1)
        return
      }
      guard reading.host.hasUptime else {
        reader.context.report(
          .warning, "Unable to open/read /proc/uptime for vrrp_delay_after_boot - ignoring",
          at: line)
        return
      }
      if delay >= .seconds(60) {
        reader.context.report(
          .note, "The vrrp_wait_after_boot is very large - \(delay.shortSecondsText) seconds",
          at: line)
      }
      reading.global.vrrp.delayAfterBoot = delay
    },
  ]
}

/// The longest time that fits into 32 bits of microseconds.
let longestTime = Microseconds(4_294_967_295)
