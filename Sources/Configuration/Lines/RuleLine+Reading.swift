import ConfigurationSyntax
import Primitives

extension RuleLine {
  /// Reads a line; nil after a report of why it counts for nothing.
  static func read(_ line: Statement, _ reading: Reading, words: LineWords<RuleDraft>)
    throws(ReadingStop) -> RuleLine?
  {
    var cursor = LineCursor(line, reading)
    do throws(LineStop) {
      var draft = RuleDraft()
      repeat {
        if let word = words[cursor.word] {
          try word.handler(&draft, &cursor)
        } else {
          try draft.readAction(&cursor)
        }
      } while cursor.advance()
      return try draft.completed(cursor)
    } catch {
      switch error {
      case .refused: return nil
      case .reading(let stop): throw stop
      }
    }
  }
}

extension RuleDraft {
  /// What depends on several words.
  fileprivate func completed(_ cursor: LineCursor) throws(LineStop) -> RuleLine {
    var rule = rule
    rule.family = family ?? .ipv4
    rule.position = LinePosition(cursor.line.location)
    guard let action else { throw cursor.refuse("No action specified for rule - ignoring") }
    rule.action = action
    try checkAction(action, cursor)
    if rule.noTrack {
      rule.ruleProtocol = givenProtocol ?? 0
    } else if let givenProtocol, givenProtocol != rule.ruleProtocol {
      cursor.report(
        "Rule cannot be tracked if protocol is not RTPROT_KEEPALIVED(18), resetting protocol")
    }
    if let priority {
      rule.priority = priority
    } else {
      rule.priority = cursor.reading.rulePriorities.take(rule.family)
      cursor.report(
        "Rule has no preference specified - setting to \(rule.priority)."
          + " This is probably not what you want.", expected: "preference N")
    }
    if rule.trackGroup != nil && rule.inputDevice == nil {
      cursor.report("Static rule cannot have track_group if dev/iif not specified")
      rule.trackGroup = nil
    }
    if rule.trackGroup != nil && rule.noTrack {
      cursor.report(.note, "Static rule has track_group and no_track - ignoring track_group")
      rule.trackGroup = nil
    }
    if isRefused { throw .refused }
    return rule
  }

  private func checkAction(_ action: RuleLine.Action, _ cursor: LineCursor) throws(LineStop) {
    switch action {
    case .table: break
    case .goto(let target):
      guard let priority else {
        throw cursor.refuse("Invalid rule - goto target \(target) specified without preference")
      }
      if priority >= target {
        throw cursor.refuse("Invalid rule - preference \(priority) >= goto target \(target)")
      }
      try checkLookupWords(cursor)
    case .l3mdev, .nop, .blackhole, .unreachable, .prohibit:
      try checkLookupWords(cursor)
    }
  }

  private func checkLookupWords(_ cursor: LineCursor) throws(LineStop) {
    if rule.realms != nil || rule.suppressPrefixLength != nil || rule.suppressGroup != nil {
      throw cursor.refuse("suppressor/realm specified for non table action - skipping")
    }
  }
}
