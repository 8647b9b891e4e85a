import ConfigurationSyntax
import Primitives

extension VRRPInstance {
  static let packetKeywords: [InstanceKeyword] = [
    InstanceKeyword(
      "mcast_src_ip", "ADDR", default: "the interface's address", "Source address of adverts."
    ) { draft, line, _ throws(ReadingStop) in try readSource(&draft, line) },
    InstanceKeyword(
      "mcast_dst_ip", "ADDR", range: "IPv4 multicast or IPv6 link-local multicast",
      default: "vrrp_mcast_group4, vrrp_mcast_group6", "Destination of adverts."
    ) { draft, line, _ throws(ReadingStop) in try readDestination(&draft, line) },
    .flag("track_src_ip", "Fault while the source address is not on the interface.") {
      $0.instance.trackSrcIP = true
    },
    // Compatibility: any boolean, even `no`, turns it on.
    .boolean(
      "skip_check_adv_addr", default: "vrrp_skip_check_adv_addr (false)",
      "Do not compare the addresses of each advert.",
      invalid: { "\($0.owner)invalid skip_check_adv_addr \($1) specified" }
    ) { draft, _ in draft.instance.skipCheckAdvAddr = true },
    .boolean(
      "v3_checksum_as_v2", default: "the global one (false)",
      "Version 3 checksums of IPv4 without a pseudo header.",
      invalid: { "\($0.owner)invalid v3_checksum_as_v2 \($1) specified" }
    ) { $0.instance.v3ChecksumAsV2 = $1 },
    InstanceKeyword(
      "kernel_rx_buf_size", "BYTES", range: "0 to 4294967295", default: "0",
      "Room for this instance in the receive buffer."
    ) { draft, line, reader throws(ReadingStop) in
      let range = 0...UInt64(UInt32.max)
      guard line.words.count == 2,
        let value = try reader.context.unsigned(line, 1, in: range, .strict)
      else {
        reader.context.report(
          .general, "\(draft.owner)invalid kernel_rx_buf_size specified", at: line, word: 1,
          expected: "one number")
        return
      }
      draft.instance.kernelRxBufSize = UInt32(truncatingIfNeeded: value)
    },
    InstanceKeyword("authentication", "{ auth_type …  auth_pass … }", "Version 2 only.") {
      draft, _, reader throws(ReadingStop) in
      try reader.readBlock(Authentication.keywords, into: &draft)
    },
    InstanceKeyword("auth_hmac", "{ key … active_key … }", "HMAC-SHA256 of every advert.") {
      draft, _, reader throws(ReadingStop) in
      if draft.instance.authHMAC == nil { draft.instance.authHMAC = AuthHMACSettings() }
      try reader.readBlock(AuthHMACSettings.keywords, into: &draft)
    },
  ]

  static let unicastKeywords: [InstanceKeyword] = [
    InstanceKeyword(
      "unicast_src_ip", "ADDR", default: "the interface's address",
      "Source address of unicast adverts."
    ) { draft, line, _ throws(ReadingStop) in
      try readSource(&draft, line)
      draft.isUnicastConfigured = true
    },
    InstanceKeyword(
      "unicast_peer", "{ ADDR [min_ttl N] [max_ttl N] … }", range: "N 0 to 255",
      "Send adverts to these routers instead of the multicast group."
    ) { draft, line, reader throws(ReadingStop) in
      draft.isUnicastConfigured = true
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        try draft.readPeer(entry)
      }
    },
    .flag("unicast_fault_no_peer", "Fault without peers, instead of multicast.") {
      $0.unicastFaultNoPeer = true
      $0.isUnicastConfigured = true
    },
    .flag("check_unicast_src", "Take adverts from the peers only.") {
      $0.instance.checkUnicastSrc = true
      $0.isUnicastConfigured = true
    },
    InstanceKeyword(
      "old_unicast_checksum", "[never]", default: "detected",
      "Use the old checksum of version 3 unicast; never: do not detect it."
    ) { draft, line, reader throws(ReadingStop) in
      draft.isUnicastConfigured = true
      guard line.words.count > 1 else {
        draft.instance.unicastChecksum = .old
        return
      }
      let word = try line.word(1).text
      if word == "never" {
        draft.instance.unicastChecksum = .never
      } else {
        reader.context.report(
          .general, "\(draft.owner)Unknown old_unicast_chksum mode \(word) - ignoring", at: line,
          word: 1, expected: "never")
      }
    },
    .unsigned(
      "unicast_ttl", "N", 0...255, .strict, default: "255; IPv6 the kernel's",
      "TTL of unicast adverts.",
      invalid: { "\($0.ownerColon)TTL '\($1)' not valid - must be between 0 & 255" }
    ) { $0.instance.unicastTTL = UInt8(truncatingIfNeeded: $1) },
  ]

  private static func readSource(_ draft: inout InstanceDraft, _ line: Statement)
    throws(ReadingStop)
  {
    let word = try line.word(1).text
    let prefix = "Configuration error: VRRP instance[\(draft.name)]"
    guard let address = ReadingContext.address(word) else {
      draft.reading.report(
        .general, "\(prefix) malformed src address[\(word)]. Skipping...", at: line, word: 1,
        expected: "an address")
      return
    }
    guard draft.fix(address.family) else {
      draft.reading.report(
        .general,
        "\(prefix) and src address[\(word)] MUST be of the same family !!! Skipping...",
        at: line, word: 1)
      return
    }
    draft.instance.sourceAddress = address
  }

  private static func readDestination(_ draft: inout InstanceDraft, _ line: Statement)
    throws(ReadingStop)
  {
    let word = try line.word(1).text
    guard let address = ReadingContext.address(word) else {
      draft.reading.report(
        .general, "\(draft.owner)mcast_dst_ip \(word) malformed. Skipping...", at: line, word: 1,
        expected: "an address")
      return
    }
    guard address.ipv4?.isMulticast ?? address.ipv6?.isLinkLocalMulticast ?? false else {
      draft.reading.report(
        .general, "\(draft.owner)mcast_dst_ip \(word) not multicast. Skipping...", at: line,
        word: 1, expected: "IPv4 multicast or ff02::/16")
      return
    }
    guard draft.fix(address.family) else {
      draft.reading.report(
        .general,
        "Configuration error: VRRP instance[\(draft.name)] and mcast_dst_ip[\(word)] MUST be of"
          + " the same family !!! Skipping...", at: line, word: 1)
      return
    }
    draft.multicastDestination = address
  }
}

extension InstanceDraft {
  /// A line of `unicast_peer`.
  mutating func readPeer(_ line: Statement) throws(ReadingStop) {
    let word = line.keyword
    let prefix = "Configuration error: VRRP instance[\(name)]"
    guard let address = ReadingContext.address(word) else {
      reading.report(
        .general, "\(prefix) malformed unicast peer address[\(word)]. Skipping...", at: line,
        expected: "an address")
      return
    }
    guard fix(address.family) else {
      reading.report(
        .general,
        "\(prefix) and unicast peer address[\(word)] MUST be of the same family !!! Skipping...",
        at: line)
      return
    }
    if instance.unicastPeers.contains(where: { $0.address == address }) {
      reading.report(.general, "\(owner)duplicate unicast peer \(word) - ignoring", at: line)
      return
    }
    var peer = UnicastPeerLine(address: address)
    try readPeerOptions(&peer, line)
    if peer.minTTL > peer.maxTTL {
      reading.report(
        .general,
        "\(owner)min_ttl \(peer.minTTL) > max_ttl \(peer.maxTTL)"
          + " - all packets will be discarded", at: line)
    }
    instance.unicastPeers.append(peer)
  }

  private static let peerOptions:
    [(String, any WritableKeyPath<UnicastPeerLine, UInt8> & Sendable)] = [
      ("min_ttl", \.minTTL), ("max_ttl", \.maxTTL),
    ]

  private mutating func readPeerOptions(_ peer: inout UnicastPeerLine, _ line: Statement)
    throws(ReadingStop)
  {
    var index = 1
    while index < line.words.count {
      let option = line.words[index].text
      guard index + 1 < line.words.count else {
        reading.report(
          .general, "\(owner)\(option) is missing a value", at: line, word: index)
        return
      }
      guard let property = Self.peerOptions.first(where: { $0.0 == option })?.1 else {
        reading.report(
          .general, "\(owner)unknown unicast_peer option \(option)", at: line, word: index,
          expected: "min_ttl or max_ttl")
        return
      }
      if let value = try reading.context.unsigned(line, index + 1, in: 0...255, .strict) {
        peer[keyPath: property] = UInt8(truncatingIfNeeded: value)
        instance.checkUnicastSrc = true
      }
      index += 2
    }
  }
}
