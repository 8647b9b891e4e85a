import ConfigurationSyntax
import Primitives

extension RootKeywords {
  static let vrrpRows = routerRows + trackFileRows

  private static let routerRows: [Row] = [
    Row("track_group", "NAME { group { INSTANCE … } }", "Instances that depend on static items.") {
      reading, line, reader throws(ReadingStop) in try reading.readTrackGroup(line, &reader)
    },
    Row("static_ipaddress", "{ ADDR[/LEN] [OPTION …] … }", "Addresses that always stand.") {
      reading, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        try reading.readStaticAddress(entry)
      }
    },
    Row("static_routes", "{ ROUTE … }", "Routes that always stand.") {
      reading, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        if let route = try RouteLine.read(entry, reading, words: RouteLine.staticWords) {
          reading.vrrp.staticRoutes.append(route)
        }
      }
    },
    Row("static_rules", "{ RULE … }", "Rules that always stand.") {
      reading, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        if let rule = try RuleLine.read(entry, reading, words: RuleLine.staticWords) {
          reading.vrrp.staticRules.append(rule)
        }
      }
    },
    Row("vrrp_sync_group", "NAME { … }", "Instances that change state together.") {
      reading, line, reader throws(ReadingStop) in try reading.readSyncGroup(line, &reader)
    },
    Row("garp_group", "{ … }", "Interfaces that share the pauses between their messages.") {
      reading, line, reader throws(ReadingStop) in try reading.readGARPGroup(&reader)
    },
    Row(
      "linkbeat_interfaces", "{ IF [MII|ETHTOOL|IOCTL] … }", "Links that are polled."
    ) {
      reading, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        reading.readLinkbeat(entry)
      }
    },
    Row("interface_up_down_delays", "{ IF DOWN [UP] … }", range: "0 to 255", "Debounce of links.") {
      reading, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        try reading.readDelays(entry)
      }
    },
    Row("vrrp_instance", "NAME { … }", "A virtual router.") {
      reading, line, reader throws(ReadingStop) in try reading.readInstance(line, &reader)
    },
    Row("vrrp_script", "NAME { … }", "A script whose result is tracked.") {
      reading, line, reader throws(ReadingStop) in
      var draft = ScriptDraft(name: try line.word(1).text, reading: reading)
      try reader.readBlock(VRRPScript.keywords, into: &draft)
      if let script = draft.completed(reader) { reading.scripts.append(script) }
    },
    Row("vrrp_track_process", "NAME { … }", effect: .none, "Processes that are counted.") {
      reading, line, reader throws(ReadingStop) in
      var draft = TrackProcessDraft(name: try line.word(1).text, reading: reading)
      try reader.readBlock(TrackProcess.keywords, into: &draft)
      if let process = draft.completed(reader) { reading.vrrp.trackProcesses.append(process) }
    },
  ]

  /// For the VRRP and the checker process.
  static let trackFileRows: [Row] = [
    trackFile, .renamed("vrrp_track_file", to: trackFile, class: .note),
  ]

  private static let trackFile = Row("track_file", "NAME { … }", "A file that holds a number.") {
    reading, line, reader throws(ReadingStop) in
    var draft = TrackFileDraft(name: try line.word(1).text, reading: reading)
    try reader.readBlock(TrackFile.keywords, into: &draft)
    guard let file = draft.completed(reader) else { return }
    if reader.view == .checker {
      reading.lvs.trackFiles.append(file)
    } else {
      reading.vrrp.trackFiles.append(file)
    }
  }

  /// `bfd_instance` as the VRRP and the checker process read it. What is wrong with the name is
  /// reported where the BFD process reads it.
  static let trackedBFDRows: [Row] = [
    Row("bfd_instance", "NAME { … }", "A BFD session.") {
      reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        try reader.skipBlock()
        return
      }
      let name = try line.word(1).text
      guard name.utf8.count <= BFDInstance.longestName,
        reading.trackedBFDNames[reader.view, default: []].insert(name).inserted
      else {
        try reader.skipBlock()
        return
      }
      var draft = TrackedBFDDraft(bfd: TrackedBFD(name: name))
      try reader.readBlock(TrackedBFD.keywords, into: &draft)
      // A process that gets no events does not know the session.
      let bfd = draft.completed
      if reader.view == .checker {
        if bfd.checker { reading.checkerBFDNames.insert(name) }
      } else if bfd.vrrp {
        reading.vrrp.bfdInstances.append(bfd)
      }
    }
  ]
}

extension Reading {
  fileprivate func readInstance(_ line: Statement, _ reader: inout BlockReader)
    throws(ReadingStop)
  {
    guard line.words.count == 2 else {
      report(.general, "vrrp_instance must have a name", at: line, expected: "one word")
      try reader.skipBlock()
      return
    }
    let name = try line.word(1).text
    guard instanceIndex[name] == nil else {
      report(.general, "vrrp instance \(name) already defined", at: line)
      try reader.skipBlock()
      return
    }
    var draft = InstanceDraft(name: name, reading: self)
    try reader.readBlock(VRRPInstance.keywords, into: &draft)
    draft.checkAtEndOfBlock(reader)
    instanceIndex[name] = instances.count
    instances.append(draft)
  }

  fileprivate func readSyncGroup(_ line: Statement, _ reader: inout BlockReader)
    throws(ReadingStop)
  {
    guard line.words.count == 2 else {
      report(
        .general, "vrrp_sync_group must have a name - skipping", at: line, expected: "one word")
      try reader.skipBlock()
      return
    }
    let name = try line.word(1).text
    guard !syncGroups.contains(where: { $0.name == name }) else {
      report(.general, "vrrp sync group \(name) already defined", at: line)
      try reader.skipBlock()
      return
    }
    var draft = SyncGroupDraft(name: name, reading: self)
    try reader.readBlock(VRRPSyncGroup.keywords, into: &draft)
    guard draft.members != nil else {
      reader.context.report(
        .general, "Sync group \(name) has no members - removing", at: reader.location,
        expected: "group { INSTANCE … }")
      return
    }
    syncGroups.append(draft)
  }

  fileprivate func readTrackGroup(_ line: Statement, _ reader: inout BlockReader)
    throws(ReadingStop)
  {
    guard line.words.count == 2 else {
      report(.general, "track_group must have a name - skipping", at: line, expected: "one word")
      try reader.skipBlock()
      return
    }
    let name = try line.word(1).text
    guard !trackGroups.contains(where: { $0.name == name }) else {
      report(.general, "track_group \(name) already defined", at: line)
      try reader.skipBlock()
      return
    }
    var draft = TrackGroupDraft(group: TrackGroup(name: name))
    try reader.readBlock(TrackGroup.keywords, into: &draft)
    guard let members = draft.members else {
      reader.context.report(
        .general, "track_group \(name) has no members - removing", at: reader.location,
        expected: "group { INSTANCE … }")
      return
    }
    draft.group.instances = members
    trackGroups.append(draft.group)
  }

  fileprivate func readStaticAddress(_ line: Statement) throws(ReadingStop) {
    guard
      var address = try AddressLine.read(line, self, words: AddressLine.staticWords)
    else { return }
    if address.device == nil {
      let standard = global.vrrp.defaultInterface ?? "eth0"
      guard mayName(standard, at: line) else {
        report(
          .fatal,
          "Static address \(line.keyword) requires either an interface or default interface must"
            + " exist", at: line, expected: "dev IF")
        return
      }
      address.device = standard
    }
    if address.trackGroup != nil && address.noTrack {
      report(.note, "Static address has track_group and no_track - ignoring track_group", at: line)
      address.trackGroup = nil
    }
    vrrp.staticAddresses.append(address)
  }

  fileprivate func readLinkbeat(_ line: Statement) {
    let name = line.keyword
    guard mayName(name, at: line, isFatal: false) else {
      report(.fatal, "unknown interface \(name) specified for linkbeat interface", at: line)
      return
    }
    switch host.interface(named: name)?.kind {
    case .privateMacvlan, .otherMacvlan, .ipvlanL2, .otherIPVLAN:
      report(.note, "linkbeat interface \(name) is a VMAC - ignoring", at: line)
      return
    case .ordinary, .vrf, nil: break
    }
    var interface = LinkbeatInterface(interface: name)
    if line.words.count > 1 {
      let word = line.words[1].text
      let method = LinkbeatInterface.Method(rawValue: word)
      if let method, method != .automatic { interface.method = method }
      if method == nil || method == .automatic || line.words.count > 2 {
        let extra = min(2, line.words.count - 1)
        report(
          .general, "extra characters \(line.words[extra].text) in linkbeat interface", at: line,
          word: extra, expected: "MII, ETHTOOL or IOCTL")
      }
    }
    vrrp.linkbeatInterfaces.append(interface)
  }

  fileprivate func readDelays(_ line: Statement) throws(ReadingStop) {
    let name = line.keyword
    guard mayName(name, at: line, isFatal: false) else {
      report(.fatal, "unknown interface \(name) specified for up/down delay", at: line)
      return
    }
    guard line.words.count > 1 else {
      // The reference says nothing at all.
      report(
        .hint, "no delay specified for interface \(name) up/down delay", at: line,
        expected: "IF DOWN [UP]")
      return
    }
    let range = Microseconds.zero ... .seconds(255)
    guard let down = try context.time(line, 1, in: range) else { return }
    var up = Microseconds.zero
    if line.words.count > 2 {
      guard let value = try context.time(line, 2, in: range) else { return }
      up = value
    }
    vrrp.upDownDelays.append(UpDownDelay(interface: name, down: down, up: up))
  }
}

/// A `track_group` while it is read.
struct TrackGroupDraft {
  var group: TrackGroup
  /// Nil while there is no `group` block with a name in it.
  var members: [String]?
}

extension TrackGroup {
  /// The keywords of `track_group`.
  static let keywords = KeywordTable<TrackGroupDraft>(
    "track_group",
    [
      Keyword("group", "{ INSTANCE … }", default: "mandatory", "Members.") {
        draft, line, reader throws(ReadingStop) in
        if draft.members != nil {
          reader.context.report(
            .general, "Group list already specified for track group \(draft.group.name)", at: line)
          try reader.refuseList()
          return
        }
        draft.members = try reader.readMembers(of: line, "track group \(draft.group.name)")
      }
    ])
}
