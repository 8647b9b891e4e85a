extension LineReader {
  private enum Failure: Error {
    /// The sequence is refused; with a message in front of the one that all have.
    case refused(String?)
    case stopped(ReadingStop)
  }

  /// Takes `~SEQ` and `~LST`; false for other lines that begin with a tilde.
  func takeSequence() throws(ReadingStop) -> Bool {
    let line = Array(input.text.rest)
    let isList = line.starts(with: "~LST".utf8)
    guard isList || line.starts(with: "~SEQ".utf8) else { return false }
    let name = isList ? "~LST" : "~SEQ"
    do throws(Failure) {
      let sequence = try isList ? list(line) : numbers(line)
      if sequences.count >= context.limits.sequenceDepth {
        throw Failure.stopped(
          limit("sequences within sequences", context.limits.sequenceDepth))
      }
      sequences.append(sequence)
    } catch {
      switch error {
      case .stopped(let stop): throw stop
      case .refused(let message):
        let place = location(at: input.text.start)
        if let message { context.report(.general, "\(message) '\(line.text)'", at: place) }
        context.report(.general, "Invalid \(name) specification '\(line.text)'", at: place)
      }
    }
    return true
  }

  // MARK: - ~SEQ(VAR, [START, [STEP,]] END) BODY

  private func numbers(_ line: [UInt8]) throws(Failure) -> ActiveSequence {
    var scanner = TextScanner(line, from: 4)
    let hexadecimal = scanner.take(UInt8(ascii: "x"))
    scanner.skipBlanks()
    guard scanner.take(Byte.openingParenthesis) else { throw .refused(nil) }
    scanner.skipBlanks()
    let variable = scanner.take {
      $0.isBlank || $0 == Byte.comma || $0 == Byte.closingParenthesis
    }
    scanner.skipBlanks()
    guard let first = variable.first, first != Byte.openingBrace, scanner.take(Byte.comma) else {
      throw .refused("Invalid ~SEQ definition")
    }
    var parameters = scanner.take { $0 == Byte.closingParenthesis }
    guard scanner.take(Byte.closingParenthesis) else {
      throw .refused("~SEQ missing terminating ')'")
    }
    if parameters.count + 1 > ReadingLimits.sequenceNumbers {
      throw .refused("~SEQ parameter strings too long")
    }
    if parameters.contains(Byte.dollar) {
      if refersToLines(parameters) { throw .refused("~SEQ parameter is multiline definition") }
      do {
        _ = try replaceReferences(in: &parameters, allowLines: false)
      } catch {
        throw .stopped(error)
      }
    }
    let values = try numbers(parameters, hexadecimal: hexadecimal)
    scanner.skipBlanks()
    return ActiveSequence(
      variables: [variable], values: values, body: Array(line[scanner.index...]),
      expansionDepth: expansions.count)
  }

  private func refersToLines(_ parameters: [UInt8]) -> Bool {
    parameters.indices.contains { index in
      guard parameters[index] == Byte.dollar,
        let reference = Reference(in: parameters, at: index),
        case .lines = definitions[reference.name]
      else { return false }
      return true
    }
  }

  /// `END`, `START, END` or `START, STEP, END`.
  private func numbers(_ parameters: [UInt8], hexadecimal: Bool) throws(Failure)
    -> ActiveSequence.Values
  {
    var scanner = TextScanner(parameters)
    var numbers: [Int64] = []
    repeat {
      numbers.append(scanner.takeInteger())
      scanner.skipBlanks()
    } while scanner.take(Byte.comma)
    guard scanner.isAtEnd, numbers.count <= 3, let end = numbers.last else {
      throw .refused("Invalid ~SEQ definition")
    }
    let start = numbers.count == 1 ? (end < 0 ? -1 : 1) : numbers[0]
    let step =
      switch numbers.count {
      case 1: Int64(end < 1 ? -1 : 1)
      case 2: Int64(start <= end ? 1 : -1)
      default: numbers[1]
      }
    if hexadecimal, start < 0 || end < 0 {
      throw .refused("~SEQx is only valid for positive numbers")
    }
    if step == 0 || (start < end && step < 0) || (start > end && step > 0) {
      throw .refused("Invalid ~SEQ values")
    }
    let (distance, overflow) = end.subtractingReportingOverflow(start)
    if overflow || distance.magnitude / step.magnitude >= context.limits.sequenceValues {
      throw .stopped(limit("values of one ~SEQ", Int(clamping: context.limits.sequenceValues)))
    }
    return .numbers(next: start, step: step, end: end, hexadecimal: hexadecimal)
  }

  // MARK: - ~LST(VAR, VALUE, …) BODY, ~LST({VAR, …}, {VALUE, …}, …) BODY

  private func list(_ line: [UInt8]) throws(Failure) -> ActiveSequence {
    var scanner = TextScanner(line, from: 4)
    scanner.skipBlanks()
    guard scanner.take(Byte.openingParenthesis) else { throw .refused(nil) }
    scanner.skipBlanks()
    let variables = try items(&scanner)
    guard !variables.contains(where: \.isEmpty), scanner.take(Byte.comma) else {
      throw .refused(nil)
    }
    var values: [[[UInt8]]] = []
    repeat {
      scanner.skipBlanks()
      var value = try items(&scanner)
      if value.count > variables.count {
        throw .refused("~LST specification has too many values")
      }
      while value.count < variables.count { value.append([]) }
      values.append(value)
    } while scanner.take(Byte.comma)
    guard scanner.take(Byte.closingParenthesis) else { throw .refused(nil) }
    scanner.skipBlanks()
    return ActiveSequence(
      variables: variables, values: .list(values, next: 0), body: Array(line[scanner.index...]),
      expansionDepth: expansions.count)
  }

  /// `ITEM` or `{ITEM, …}`, and the blanks behind.
  private func items(_ scanner: inout TextScanner) throws(Failure) -> [[UInt8]] {
    func item() -> [UInt8] {
      scanner.take {
        $0.isBlank || $0 == Byte.comma || $0 == Byte.closingBrace || $0 == Byte.closingParenthesis
      }
    }
    var items: [[UInt8]] = []
    if scanner.take(Byte.openingBrace) {
      repeat {
        scanner.skipBlanks()
        items.append(item())
        scanner.skipBlanks()
      } while scanner.take(Byte.comma)
      guard scanner.take(Byte.closingBrace) else { throw .refused(nil) }
    } else {
      items.append(item())
    }
    scanner.skipBlanks()
    return items
  }
}
