import ConfigurationSyntax
import Primitives

/// A `garp_group` while it is read.
struct GARPGroupDraft {
  let reading: Reading
  var group = GARPGroup()
  /// Also one that is no number, which has been reported.
  var hasInterval = false

  init(reading: Reading) { self.reading = reading }

  fileprivate mutating func add(_ name: String, at place: SourceLocation?) {
    guard reading.mayName(name, at: place, isFatal: false) else {
      reading.report(
        .general, "WARNING - interface \(name) specified for garp_group doesn't exist", at: place)
      return
    }
    switch reading.host.interface(named: name)?.kind {
    case .privateMacvlan, .otherMacvlan, .ipvlanL2, .otherIPVLAN:
      reading.report(.general, "garp_group cannot have VMAC \(name) - ignoring", at: place)
      return
    case .ordinary, .vrf, nil: break
    }
    let isTaken = reading.garpInterfaces.contains(name) || group.interfaces.contains(name)
    if isTaken {
      reading.report(
        .general, "garp_group already specified for \(name) - ignoring", at: place)
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
        draft.add(try line.word(1).text, at: line.location)
      },
      Row("interfaces", "{ IF … }", "Members.") { draft, line, reader throws(ReadingStop) in
        // The whole list is read first, so that its end is the place of what is wrong in it.
        let names = try reader.readNames(of: line)
        if names.isEmpty {
          reader.context.report(
            .general, "Warning - empty garp_group interfaces block", at: reader.location)
        }
        for name in names { draft.add(name, at: reader.location) }
      },
    ])

  private static func interval(
    _ name: String, _ what: String, set: @escaping @Sendable (inout GARPGroup, Microseconds) -> Void
  ) -> Keyword<GARPGroupDraft> {
    Keyword(
      name, "SECONDS", range: "0 to 4294.967295", default: "none",
      "Time between \(what) of the group."
    ) { draft, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      guard let value = try reader.context.time(line, 1, in: .zero...longestTime) else {
        // Compatibility: only a number out of range is as if it were not there.
        if !word.hasPrefix("-"), !word.utf8.allSatisfy({ (46...57).contains($0) }) {
          draft.hasInterval = true
        }
        return
      }
      draft.hasInterval = true
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
    guard draft.hasInterval else {
      reader.context.report(
        .general, "garp group \(number) does not have any delay set - removing",
        at: reader.location, expected: "garp_interval or gna_interval")
      return
    }
    garpInterfaces += draft.group.interfaces
    vrrp.garpGroups.append(draft.group)
  }
}
