extension LineReader {
  // MARK: - $NAME=VALUE

  /// Takes `$NAME=VALUE`; false if the line is none.
  func takeDefinition() throws(ReadingStop) -> Bool {
    let bytes = input.text.rest
    var index = bytes.startIndex + 1
    let start = index
    while index < bytes.endIndex, bytes[index].isNamePart { index += 1 }
    guard index > start, bytes[start].isNameStart, index < bytes.endIndex,
      bytes[index] == Byte.equals
    else { return false }
    let name = Array(bytes[start..<index])
    var value = bytes[(index + 1)...].drop { $0.isBlank }
    if value.last == Byte.backslash {
      value.removeLast()
      while let last = value.last, last.isBlank { value.removeLast() }
      collection = Collection(name: name, lines: [Array(value)])
    } else {
      try define(name, .text(Array(value)))
    }
    return true
  }

  func define(_ name: [UInt8], _ definition: Definition) throws(ReadingStop) {
    let old = definitions.updateValue(definition, forKey: name)
    definitionBytes += definition.size - (old?.size ?? -name.count)
    if definitionBytes > context.limits.definitionBytes {
      throw limit("bytes of definitions", context.limits.definitionBytes)
    }
  }

  /// Adds the line to the definition that is being collected.
  func collect() throws(ReadingStop) {
    let continues = input.text.rest.last == Byte.backslash
    var line = input.text.rest
    if continues {
      line.removeLast()
      while let last = line.last, last.isBlank { line.removeLast() }
    }
    if !line.isEmpty { collection?.lines.append(Array(line)) }
    definitionBytes += line.count + 16
    if definitionBytes > context.limits.definitionBytes {
      throw limit("bytes of definitions", context.limits.definitionBytes)
    }
    if !continues, let definition = collection { finish(definition) }
  }

  /// Deals with a physical line inside a definition of which nothing is left; true if there is
  /// nothing more to do for it.
  ///
  /// Compatibility: for the parent a comment is no line at all. The children read a copy in which
  /// it is an empty line, and so is an `include`: for them the definition ends there.
  func collectEmptyLine(isEmpty: Bool) -> Bool {
    let ends: Bool
    if input.text.isEmpty {
      ends = isEmpty || view != .parent
    } else {
      ends = view != .parent && IncludeDirective(input.text.rest) != nil
    }
    if !ends { return input.text.isEmpty }
    if !isEmpty {
      context.report(
        .hint, "the definition ends here: only lines of its own may stand within it",
        at: location(at: input.text.start))
    }
    if let definition = collection { finish(definition) }
    input.text.clear()
    return true
  }

  private func finish(_ collection: Collection) {
    self.collection = nil
    var lines = collection.lines
    let beginLater = lines.first?.isEmpty ?? false
    if beginLater { lines.removeFirst() }
    let definition: Definition =
      lines.isEmpty ? .text([]) : .lines(lines, beginLater: beginLater)
    let old = definitions.updateValue(definition, forKey: collection.name)
    definitionBytes -= old?.size ?? 0
  }

  // MARK: - $NAME

  /// Replaces the references in the line, and then removes what they have made a comment. That may
  /// have left a reference at the end, where a multi-line definition counts.
  func substitute() throws(ReadingStop) {
    while true {
      var line = Array(input.text.rest)
      guard try replaceReferences(in: &line, allowLines: true) else { return }
      input.take(line)
      if !input.text.removeComment() { reportUnterminatedQuote() }
      if input.text.rest.count == line.count { return }
    }
  }

  /// Replaces all references in `line`. The result tells whether there were any.
  ///
  /// What has been put in is looked at again from its start, so that a definition's own references
  /// have the values of this moment.
  func replaceReferences(in line: inout [UInt8], allowLines: Bool) throws(ReadingStop) -> Bool {
    var index = 0
    var count = 0
    while index < line.count {
      guard line[index] == Byte.dollar, let reference = Reference(in: line, at: index),
        let value = try value(of: reference, in: line, allowLines: allowLines)
      else {
        index += 1
        continue
      }
      let length = line.count - reference.range.count + value.count
      if length > ReadingLimits.substitutedLength {
        context.report(
          .note,
          "Parameter substitution on line '\(Secrets.masked(line.text))'"
            + " would exceed maximum line length",
          at: location(at: input.text.start))
        return count > 0
      }
      count += 1
      replacedBytes += line.count
      if count > context.limits.replacements {
        throw limit("references replaced on one line", context.limits.replacements)
      }
      if replacedBytes > context.limits.replacedBytes {
        throw limit("bytes moved to replace references", context.limits.replacedBytes)
      }
      line.replaceSubrange(reference.range, with: value)
    }
    return count > 0
  }

  /// What to put in place of the reference; nil if it stays as it is.
  private func value(of reference: Reference, in line: [UInt8], allowLines: Bool)
    throws(ReadingStop) -> [UInt8]?
  {
    guard let definition = definitions[reference.name] else { return nil }
    switch definition {
    case .text(let value):
      return reference.parameters.isEmpty ? value : nil
    case .lines(let lines, let beginLater):
      guard allowLines, reference.parameters.isEmpty else { return nil }
      return try expand(lines, beginLater: beginLater, at: reference.range, in: line)
    case .predefined(let predefined):
      return value(of: predefined, reference)
    }
  }

  /// What to put in place of a reference to several lines, the rest of which follow as lines of
  /// their own; nil if the reference stays because it is not the last on its line.
  ///
  /// A value that begins on the next line gives all its lines where the reference stands alone, and
  /// is like any other where it is a single line.
  private func expand(
    _ lines: [[UInt8]], beginLater: Bool, at range: Range<Int>, in line: [UInt8]
  ) throws(ReadingStop) -> [UInt8]? {
    let standsAlone = beginLater && range == 0..<line.count
    if !standsAlone, beginLater, lines.count == 1 { return lines.first }
    guard range.upperBound == line.count else { return nil }
    if expansions.count >= context.limits.expansionDepth {
      throw limit("definitions within definitions", context.limits.expansionDepth)
    }
    let next = standsAlone ? 0 : 1
    if lines.count > next { expansions.append(Expansion(lines: lines, next: next)) }
    return standsAlone ? [] : lines.first
  }

  private func value(of predefined: Definition.Predefined, _ reference: Reference) -> [UInt8]? {
    let allowed = predefined.parameters
    let parameters = reference.parameters
    if !allowed.contains(parameters.count) {
      if allowed.upperBound > 0 {
        context.report(
          .general,
          "Definition \(predefined.name) requires between \(allowed.lowerBound) and "
            + "\(allowed.upperBound) parameters, \(parameters.count) specified.",
          at: location(at: input.text.start))
      }
      return nil
    }
    switch predefined {
    case .workingDirectory: return input.files.file?.directory ?? sources.workingDirectory
    case .configID: return sources.configID
    case .hash: return [Byte.hash]
    case .bang: return [Byte.bang]
    case .environment:
      let value = sources.files.environment(parameters.first ?? []) ?? []
      // A line ends where the environment starts a new one.
      return Array(value.prefix { $0 != Byte.newline && $0 != 0 })
    case .random: return randomNumber(parameters)
    }
  }

  private func randomNumber(_ parameters: [[UInt8]]) -> [UInt8]? {
    var bounds: [UInt64] = []
    for parameter in parameters {
      guard let number = UInt64(parameter.text) else {
        context.report(
          .general, "Definition _RANDOM requires numeric parameters only.",
          at: location(at: input.text.start))
        return nil
      }
      bounds.append(number)
    }
    let minimum = bounds.first ?? 0
    var maximum = bounds.count > 1 ? bounds[1] : 32767
    if minimum > maximum {
      context.report(
        .general,
        "${_RANDOM}: min \(minimum) exceeds max \(maximum), using \(minimum)",
        at: location(at: input.text.start))
      maximum = minimum
    }
    let (span, overflow) = (maximum - minimum).addingReportingOverflow(1)
    let number = overflow ? random.next() : random.next() % span
    return Array(String(minimum &+ number).utf8)
  }
}
