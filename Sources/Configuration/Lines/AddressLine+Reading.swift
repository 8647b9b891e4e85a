import ConfigurationSyntax
import Primitives

extension AddressLine {
  /// Reads `ADDR[/LEN] [option …]`; nil after a report of why the line counts for nothing.
  static func read(_ line: Statement, _ reading: Reading, words: LineWords<AddressDraft>)
    throws(ReadingStop) -> AddressLine?
  {
    var cursor = LineCursor(line, reading)
    do throws(LineStop) {
      guard let prefix = try cursor.prefix(), let address = prefix.address else { return nil }
      var draft = AddressDraft(
        line: AddressLine(address: address, prefixLength: prefix.length), name: cursor.word)
      while cursor.advance() {
        guard let word = words[cursor.word] else {
          cursor.reportUnknownAddressWord()
          continue
        }
        if !word.arguments.isEmpty && cursor.following == nil {
          throw cursor.refuse("No \(word.name) parameter specified for \(draft.address)")
        }
        try word.handler(&draft, &cursor)
      }
      draft.complete(cursor)
      return draft.line
    } catch {
      switch error {
      case .refused: return nil
      case .reading(let stop): throw stop
      }
    }
  }
}

extension AddressDraft {
  /// What depends on several words.
  fileprivate mutating func complete(_ cursor: LineCursor) {
    switch line.address {
    case .ipv6:
      // A host address that was preferred could become the source of the machine's own connections.
      if !hasPreferredLifetime && line.prefixLength == 128 { line.preferredLifetime = 0 }
    case .ipv4(let address):
      line.broadcast = broadcastAddress(of: address, cursor)
    }
  }

  private func broadcastAddress(of address: IPv4Address, _ cursor: LineCursor) -> IPv4Address? {
    guard let broadcast else { return nil }
    if line.peer != nil {
      cursor.report("Cannot specify broadcast and peer for \(self.address) - ignoring broadcast")
      return nil
    }
    if case .address(let given) = broadcast { return given }
    guard line.prefixLength <= 30 else {
      cursor.report("Address prefix length \(line.prefixLength) too long for broadcast")
      return nil
    }
    let hostBits = UInt32.max >> UInt32(line.prefixLength)
    switch broadcast {
    case .address(let given): return given
    case .ones: return IPv4Address(bits: address.bits | hostBits)
    case .zeros: return IPv4Address(bits: address.bits & ~hostBits)
    }
  }
}
