import ConfigurationSyntax
import Primitives

/// A `garp_group` while it is read.
struct GARPGroupDraft {
  let reading: Reading
  var group = GARPGroup()

  init(reading: Reading) { self.reading = reading }

  fileprivate mutating func add(_ name: String, _ line: Statement) {
    guard reading.mayName(name, at: line, isFatal: false) else {
      reading.report(
        .general, "WARNING - interface \(name) specified for garp_group doesn't exist", at: line)
      return
    }
    switch reading.host.interface(named: name)?.kind {
    case .privateMacvlan, .otherMacvlan, .ipvlanL2, .otherIPVLAN:
      reading.report(.general, "garp_group cannot have VMAC \(name) - ignoring", at: line)
      return
    case .ordinary, .vrf, nil: break
    }
    let isTaken = reading.garpInterfaces.contains(name) || group.interfaces.contains(name)
    if isTaken {
      reading.report(
        .general, "garp_group already specified for \(name) - ignoring", at: line)
      return
    }
    group.interfaces.append(name)
  }
}

extension GARPGroup {
  private typealias Row = Keyword<GARPGroupDraft>

  /// The keywords of `garp_group`.
  static let keywords = KeywordTable<GARPGroupDraft>(
    "garp_group",
    [
      interval("garp_interval", "gratuitous ARPs") { $0.garpInterval = $1 },
      interval("gna_interval", "neighbour advertisements") { $0.gnaInterval = $1 },
      Row("interface", "IF", "A member.") { draft, line, _ throws(ReadingStop) in
        draft.add(try line.word(1).text, line)
      },
      Row("interfaces", "{ IF … }", "Members.") { draft, line, reader throws(ReadingStop) in
        try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
          for word in entry.words { draft.add(word.text, entry) }
        }
      },
    ])

  private static func interval(
    _ name: String, _ what: String, set: @escaping @Sendable (inout GARPGroup, Microseconds) -> Void
  ) -> Keyword<GARPGroupDraft> {
    Keyword(
      name, "SECONDS", range: "0 to 4294.967295", default: "none",
      "Time between \(what) of the group."
    ) { draft, line, reader throws(ReadingStop) in
      guard let value = try reader.context.time(line, 1, in: .zero...longestTime) else { return }
      if value >= .seconds(1) {
        reader.context.report(
          .note, "The garp_group \(name) is very large - \(value.shortSecondsText) seconds",
          at: line)
      }
      set(&draft.group, value)
    }
  }
}

extension Reading {
  func readGARPGroup(_ reader: inout BlockReader) throws(ReadingStop) {
    let number = garpGroupCount
    garpGroupCount += 1
    var draft = GARPGroupDraft(reading: self)
    try reader.readBlock(GARPGroup.keywords, into: &draft)
    guard draft.group.garpInterval != nil || draft.group.gnaInterval != nil else {
      reader.context.report(
        .general, "garp group \(number) does not have any delay set - removing",
        at: reader.location, expected: "garp_interval or gna_interval")
      return
    }
    garpInterfaces += draft.group.interfaces
    vrrp.garpGroups.append(draft.group)
  }
}
