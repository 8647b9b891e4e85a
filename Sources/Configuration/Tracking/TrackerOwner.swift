import ConfigurationSyntax
import Primitives

/// What has `notify…` scripts while it is read.
protocol NotifyOwner: SendableMetatype {
  var reading: Reading { get }
  /// What messages call it.
  var name: String { get }
}

/// What has `track_…` blocks as well: an instance or a sync group that is read.
protocol TrackerOwner: NotifyOwner {}

/// What a `track_…` block tracks, and the peculiarities of its lines.
struct TrackerKind: Sendable {
  /// The keyword of the block.
  var keyword: String
  /// What messages call it.
  var label: String
  var help: String
  /// The greatest weight; 254 is read as 253 where it is 253.
  var greatestWeight: Int64
  var readsGreatest: Int64
  var knowsNoreverse = true
  /// Whether a bad fourth word costs the line.
  var isStrict = false
  var effect: Effect = .effective
  /// The definition's weight and direction; nil if there is no such object.
  var definition: @Sendable (Reading, Statement, String) -> (weight: Int16, isReversed: Bool)?

  enum Effect { case effective, none }

  static let interface = TrackerKind(
    keyword: "track_interface", label: "track_interface", help: "Interfaces that matter.",
    greatestWeight: 253, readsGreatest: 254, knowsNoreverse: false,
    definition: { reading, line, name in reading.mayName(name, at: line) ? (0, false) : nil })

  static let script = TrackerKind(
    keyword: "track_script", label: "track script", help: "Scripts that matter.",
    greatestWeight: 253, readsGreatest: 254,
    definition: { reading, _, name in
      reading.scripts.first { $0.name == name }.map { ($0.weight, $0.isReversed) }
    })

  static let file = TrackerKind(
    keyword: "track_file", label: "track file", help: "Files that matter.",
    greatestWeight: 254, readsGreatest: 254, isStrict: true,
    definition: { reading, _, name in
      reading.vrrp.trackFiles.first { $0.name == name }.map { ($0.weight, $0.isReversed) }
    })

  static let process = TrackerKind(
    keyword: "track_process", label: "track process", help: "Processes that matter.",
    greatestWeight: 254, readsGreatest: 254, effect: .none,
    definition: { reading, _, name in
      reading.vrrp.trackProcesses.first { $0.name == name }.map { ($0.weight, $0.isReversed) }
    })

  static let bfd = TrackerKind(
    keyword: "track_bfd", label: "track bfd", help: "BFD sessions that matter.",
    greatestWeight: 253, readsGreatest: 253, isStrict: true,
    definition: { reading, _, name in
      reading.vrrp.bfdInstances.first { $0.name == name }.map { ($0.weight, $0.isReversed) }
    })
}

extension Keyword where Tree: TrackerOwner {
  /// `track_… { NAME [weight N [reverse|noreverse]] … }`
  static func tracker(
    _ kind: TrackerKind, _ property: any WritableKeyPath<Tree, [Tracker]> & Sendable
  ) -> Keyword {
    let effect: Effect =
      switch kind.effect {
      case .effective: .effective
      case .none: .none
      }
    let direction = kind.knowsNoreverse ? "reverse|noreverse" : "reverse"
    return Keyword(
      kind.keyword, "{ NAME [weight N [\(direction)]] … }",
      range: "-\(kind.greatestWeight) to \(kind.greatestWeight)",
      default: "the definition's weight; an interface 0", effect: effect, kind.help
    ) { tree, line, reader throws(ReadingStop) in
      try reader.readValues(of: line) { entry, _ throws(ReadingStop) in
        if let tracker = try kind.read(entry, tree, already: tree[keyPath: property]) {
          tree[keyPath: property].append(tracker)
        }
      }
    }
  }
}

extension TrackerKind {
  /// Reads a line; nil after a report of why it counts for nothing.
  fileprivate func read(_ line: Statement, _ owner: some TrackerOwner, already: [Tracker])
    throws(ReadingStop) -> Tracker?
  {
    let name = line.keyword
    let reading = owner.reading
    guard let definition = definition(reading, line, name) else {
      let isInterface = keyword == Self.interface.keyword
      reading.report(
        .general,
        "(\(owner.name)) "
          + (isInterface
            ? "tracked interface \(name) doesn't exist"
            : "\(label) \(name) not found, ignoring..."),
        at: line, expected: isInterface ? nil : "a name that is defined above this line")
      return nil
    }
    if already.contains(where: { $0.name == name }) {
      reading.report(.general, "(\(owner.name)) duplicate \(keyword) \(name) - ignoring", at: line)
      return nil
    }
    var tracker = Tracker(
      name: name, weight: definition.weight, isReversed: definition.isReversed)
    guard line.words.count > 1 else { return tracker }
    guard line.words[1].text == "weight" else {
      reading.report(
        .general,
        "(\(owner.name)) unknown \(label) option \(line.words[1].text) - ignoring", at: line,
        word: 1, expected: "weight N")
      return nil
    }
    guard line.words.count > 2 else {
      reading.report(
        .general,
        "(\(owner.name)) weight without value specified for \(keyword) \(name) - ignoring",
        at: line, word: 1)
      return nil
    }
    if let weight = try readWeight(line, owner) {
      tracker.weight = weight
      tracker.isReversed = false
    }
    return readDirection(line, owner, &tracker) ? tracker : nil
  }

  private func readWeight(_ line: Statement, _ owner: some TrackerOwner) throws(ReadingStop)
    -> Int16?
  {
    let context = owner.reading.context
    func complain() {
      context.report(
        .general,
        "(\(owner.name)) weight \(line.words[2].text) for \(line.keyword) must be between"
          + " [-\(greatestWeight)..\(greatestWeight)] inclusive. Ignoring...", at: line, word: 2)
    }
    let range = -readsGreatest...readsGreatest
    guard let value = try context.signed(line, 2, in: range, .lenient) else {
      complain()
      return nil
    }
    if value.magnitude > greatestWeight.magnitude { complain() }
    return Int16(truncatingIfNeeded: min(max(value, -greatestWeight), greatestWeight))
  }

  /// The fourth word; false if it costs the line.
  private func readDirection(
    _ line: Statement, _ owner: some TrackerOwner, _ tracker: inout Tracker
  ) -> Bool {
    guard line.words.count > 3 else { return true }
    let word = line.words[3].text
    if word == "reverse" {
      tracker.isReversed = true
      return true
    }
    if word == "noreverse" && knowsNoreverse { return true }
    owner.reading.report(
      .general, "(\(owner.name)) unknown \(label) \(line.keyword) weight option \(word) - ignoring",
      at: line, word: 3, expected: knowsNoreverse ? "reverse or noreverse" : "reverse")
    return !isStrict
  }
}
