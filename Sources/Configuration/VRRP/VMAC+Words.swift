import ConfigurationSyntax
import Primitives

extension VRRPInstance {
  static let vmacKeywords: [InstanceKeyword] = [
    InstanceKeyword(
      "use_vmac", "[[name] NAME] [MAC] [group G] [netlink_notify_msg]",
      range: "NAME 1 to 15 characters", default: "off; vrrp.VRID, 00:00:5e:00:0{1|2}:VRID",
      "Put addresses and adverts on an interface with the virtual MAC address."
    ) { draft, line, _ throws(ReadingStop) in try VMAC.read(&draft, line) },
    .flag("use_vmac_addr", "VMACs for addresses on other interfaces too.") {
      $0.instance.useVMACAddr = true
    },
    .flag("vmac_xmit_base", "Send adverts from the interface below the VMAC.") {
      $0.instance.vmacXmitBase = true
    },
    InstanceKeyword(
      "use_ipvlan", "[bridge|private|vepa] [[name] NAME] [ADDR[/LEN]] [group G]",
      default: "off; bridge", "Send adverts from an ipvlan."
    ) { draft, line, _ throws(ReadingStop) in try IPVLAN.read(&draft, line) },
  ]
}

/// A `use_vmac` line while it is read.
struct VMACDraft {
  var vmac: VMAC
  var instance: InstanceDraft
}

extension VMAC {
  static let words = LineWords<VMACDraft>(
    "use_vmac",
    [
      LineWord("name", "NAME", range: "1 to 15 characters", "name of the interface") {
        draft, cursor throws(LineStop) in
        try cursor.requireFollowing()
        _ = cursor.advance()
        draft.readName(cursor)
      },
      LineWord("group", "NAME|N", range: "0 to 2147483647", "group of the interface") {
        draft, cursor throws(LineStop) in
        try cursor.requireFollowing()
        draft.vmac.group = try cursor.number(.groups) { "Invalid vmac group \($0)" }
      },
      LineWord("netlink_notify_msg", "have the kernel tell of the parent again") {
        $0.vmac.netlinkNotifyMsg = true
      },
    ])

  fileprivate static func read(_ instance: inout InstanceDraft, _ line: Statement)
    throws(ReadingStop)
  {
    var draft = VMACDraft(vmac: instance.instance.vmac ?? VMAC(), instance: instance)
    defer { instance.instance.vmac = draft.vmac }
    var cursor = LineCursor(line, instance.reading)
    while cursor.advance() {
      do throws(LineStop) {
        if let word = words[cursor.word] {
          try word.handler(&draft, &cursor)
        } else if cursor.word.contains(":") {
          draft.readAddress(cursor)
        } else {
          draft.readName(cursor)
        }
      } catch {
        switch error {
        case .refused: break
        case .reading(let stop): throw stop
        }
      }
    }
  }
}

extension VMACDraft {
  fileprivate mutating func readName(_ cursor: LineCursor) {
    let name = cursor.word
    if vmac.name != nil {
      cursor.report("VMAC interface name already specified")
    } else if !cursor.isInterfaceName {
      cursor.report("VMAC interface name '\(name)' too long or invalid characters - ignoring")
    } else if cursor.reading.usesVMACName(name, besides: instance.name) {
      cursor.report("VMAC interface name '\(name)' already used - ignoring")
    } else if let there = cursor.reading.host.interface(named: name), there.kind != .privateMacvlan
    {
      cursor.report(
        "\(instance.owner)interface \(name) already exists and is not a private macvlan;"
          + " ignoring vmac if_name")
    } else {
      vmac.name = name
    }
  }

  fileprivate mutating func readAddress(_ cursor: LineCursor) {
    let word = cursor.word
    if vmac.address != nil {
      cursor.report("VMAC interface address already specified")
      return
    }
    let groups = word.split(separator: ":", omittingEmptySubsequences: false)
      .filter { !$0.isEmpty }
    let octets = groups.map { $0.utf8.count <= 2 ? UInt8($0, radix: 16) : nil }
    // Compatibility: octets behind the sixth do not matter; the last of five is the VRID.
    guard octets.count >= 5, !octets.contains(nil) else {
      cursor.report("VMAC invalid MAC address \(word) - ignored", expected: "six octets")
      return
    }
    let values = octets.compactMap(\.self)
    let last = values.count > 5 ? values[5] : instance.instance.virtualRouterID.rawValue
    let address = MACAddress([values[0], values[1], values[2], values[3], values[4], last])
    if values[0] & 1 != 0 {
      cursor.report("VMAC MAC address is multicast \(word) - ignoring")
    } else if values[..<4] == [0, 0, 0x5e, 0] && (1...2).contains(values[4]) {
      cursor.report("VMAC MAC address not allowed to be RFC5798 address (\(word)) - ignoring")
    } else {
      vmac.address = address
    }
  }
}

/// A `use_ipvlan` line while it is read.
struct IPVLANDraft {
  var ipvlan: IPVLAN
  var instance: InstanceDraft
  var hasMode = false

  fileprivate mutating func set(_ mode: IPVLAN.Mode, _ cursor: LineCursor) {
    if hasMode {
      cursor.report("\(instance.owner)ipvlan type already specified - ignoring '\(cursor.word)'")
      return
    }
    hasMode = true
    ipvlan.mode = mode
  }
}

extension IPVLAN {
  static let words = LineWords<IPVLANDraft>(
    "use_ipvlan",
    [
      LineWord("bridge", "", "all can talk to each other, the default") {
        draft, cursor in draft.set(.bridge, cursor)
      },
      LineWord("private", "", "none can talk to another") {
        draft, cursor in draft.set(.private, cursor)
      },
      LineWord("vepa", "", "all goes out to the switch") {
        draft, cursor in draft.set(.vepa, cursor)
      },
      LineWord("name", "NAME", range: "1 to 15 characters", "name of the interface") {
        draft, cursor throws(LineStop) in
        try cursor.requireFollowing()
        _ = cursor.advance()
        draft.readName(cursor)
      },
      LineWord("group", "NAME|N", range: "0 to 2147483647", "group of the interface") {
        draft, cursor throws(LineStop) in
        try cursor.requireFollowing()
        draft.ipvlan.group = try cursor.number(.groups) { "Invalid ipvlan group \($0)" }
      },
    ])

  fileprivate static func read(_ instance: inout InstanceDraft, _ line: Statement)
    throws(ReadingStop)
  {
    if instance.instance.ipvlan != nil {
      instance.reading.report(
        .general, "\(instance.owner)use_ipvlan already specified", at: line)
      return
    }
    var draft = IPVLANDraft(ipvlan: IPVLAN(), instance: instance)
    var cursor = LineCursor(line, instance.reading)
    while cursor.advance() {
      do throws(LineStop) {
        if let word = words[cursor.word] {
          try word.handler(&draft, &cursor)
        } else if let address = ReadingContext.address(cursor.word) {
          try draft.readAddress(address, cursor)
        } else {
          draft.readName(cursor)
        }
      } catch {
        switch error {
        case .refused: break
        case .reading(let stop): throw stop
        }
      }
    }
    instance.family = draft.instance.family
    instance.instance.ipvlan = draft.ipvlan
  }
}

extension IPVLANDraft {
  fileprivate mutating func readName(_ cursor: LineCursor) {
    let name = cursor.word
    if ipvlan.name != nil {
      cursor.report(
        "\(instance.owner)IPVLAN interface already specified - ignoring '\(name)'")
    } else if !cursor.isInterfaceName {
      cursor.report("IPVLAN interface name '\(name)' too long or invalid characters - ignoring")
    } else if cursor.reading.usesVMACName(name, besides: instance.name) {
      cursor.report("IPVLAN interface name '\(name)' already used - ignoring")
    } else if let there = cursor.reading.host.interface(named: name), there.kind != .ipvlanL2 {
      cursor.report(
        "\(instance.owner)interface \(name) already exists and is not an l2 ipvlan;"
          + " ignoring ipvlan if_name")
    } else {
      ipvlan.name = name
    }
  }

  fileprivate mutating func readAddress(_ address: IPAddress, _ cursor: LineCursor)
    throws(LineStop)
  {
    guard instance.fix(address.family) else {
      throw cursor.refuse(
        "\(instance.ownerColon)address family must match VRRP instance [\(cursor.word)] - ignoring")
    }
    if ipvlan.address != nil {
      throw cursor.refuse(
        "\(instance.owner)ipvlan address already specified - ignoring '\(cursor.word)'")
    }
    let (_, length) = cursor.word.cut(at: "/")
    guard let bits = length.map({ UInt8($0) }) ?? address.family.hostPrefixLength,
      bits <= address.family.hostPrefixLength
    else {
      // The reference takes the word for nothing, without a word.
      cursor.report(.hint, "\(cursor.word) has no valid prefix length - ignoring")
      return
    }
    ipvlan.address = address
    ipvlan.prefixLength = bits
  }
}

extension LineCursor {
  /// The word is of no use without another behind it.
  fileprivate func requireFollowing() throws(LineStop) {
    if following == nil { throw refuse("\(line.keyword) \(word) is missing a value - ignoring") }
  }

  /// Whether the kernel takes the word as the name of an interface.
  fileprivate var isInterfaceName: Bool {
    let name = word
    return (1...15).contains(name.utf8.count) && name != "." && name != ".."
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") || $0 <= 32 }
  }
}

extension Reading {
  /// Whether an instance above has an interface of that name made for it.
  func usesVMACName(_ name: String, besides instance: String) -> Bool {
    instances.contains {
      $0.name != instance && ($0.instance.vmac?.name == name || $0.instance.ipvlan?.name == name)
    }
  }
}
