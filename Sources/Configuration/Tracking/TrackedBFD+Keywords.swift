import ConfigurationSyntax

/// A `bfd_instance` as far as tracking needs it.
struct TrackedBFDDraft {
  var bfd: TrackedBFD
  var hasVRRP = false
  var hasChecker = false
}

extension TrackedBFD {
  private typealias Row = Keyword<TrackedBFDDraft>

  /// The keywords of `bfd_instance` that the VRRP process reads; the BFD process has more.
  static let keywords = KeywordTable<TrackedBFDDraft>(
    "bfd_instance",
    [
      Row(
        "weight", "N [reverse]", range: "-253 to 253", default: "0",
        "Default weight of track_bfd; 0 is a fault."
      ) { draft, line, reader throws(ReadingStop) in
        // A session has no weight for the checker process.
        if reader.view == .checker { return }
        let word = try line.word(1).text
        guard let value = try reader.context.signed(line, 1, in: -253...253, .lenient) else {
          reader.context.report(
            .general,
            "Configuration error: BFD instance \(draft.bfd.name) weight value \(word) not valid"
              + " (must be in range [-253-253]), ignoring",
            at: line, word: 1)
          return
        }
        draft.bfd.weight = Int16(truncatingIfNeeded: value)
        draft.bfd.isReversed = reader.context.readReverse(
          line, "Configuration error: BFD instance \(draft.bfd.name)")
      },
      .flag("vrrp", "The VRRP process gets its events.") { $0.hasVRRP = true },
      .flag("checker", "The checker process gets its events.") {
        $0.hasChecker = true
      },
    ]
      + otherKeywords.map { name in
        Row(name, "…", "For the BFD process.") { _, _, _ in }
      })

  private static let otherKeywords = [
    "neighbor_ip", "neighbour_ip", "source_ip", "min_rx", "min_tx", "idle_tx", "multiplier",
    "passive", "ttl", "hoplimit", "max_hops", "multihop",
  ]
}

extension TrackedBFDDraft {
  /// Neither process named means both.
  var completed: TrackedBFD {
    var bfd = bfd
    bfd.vrrp = hasVRRP || !hasChecker
    bfd.checker = hasChecker || !hasVRRP
    return bfd
  }
}
