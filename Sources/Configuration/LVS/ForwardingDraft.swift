import ConfigurationSyntax
import IPVS

/// `lb_kind` and its like while they are read.
struct ForwardingDraft {
  enum Method: String { case nat = "NAT", direct = "DR", tunnel = "TUN" }

  /// Nil until one is set.
  var method: Method?
  var tunnel = Forwarding.Tunnel.ipip

  var forwarding: Forwarding? {
    switch method {
    case .nat: .nat
    case .direct: .direct
    case .tunnel: .tunnel(tunnel)
    case nil: nil
    }
  }

  /// Reads METHOD and the options behind it.
  ///
  /// Compatibility: a method counts although its options are wrong; the tunnel is then the old one.
  mutating func read(_ line: Statement, _ context: ReadingContext, server: String)
    throws(ReadingStop)
  {
    let word = try line.word(1).text
    guard let method = Method(rawValue: word) else {
      context.report(
        .general, "PARSER : unknown [\(word)] routing method for \(server) server.", at: line,
        word: 1, expected: "NAT, DR or TUN")
      return
    }
    self.method = method
    var options = TunnelOptions()
    guard try options.read(line, context, server: server) else { return }
    if let tunnel = options.completed(line, context) { self.tunnel = tunnel }
  }
}

/// The words behind the method, in any order.
private struct TunnelOptions {
  enum Kind: String { case ipip, gue, gre }

  private var kind = Kind.ipip
  private var port: UInt16?
  private var checksum: Forwarding.Checksum?

  private static let checksums: [String: Forwarding.Checksum] = [
    "nocsum": .none, "csum": .local, "remcsum": .remote,
  ]

  init() {}

  /// False after a report.
  mutating func read(_ line: Statement, _ context: ReadingContext, server: String)
    throws(ReadingStop) -> Bool
  {
    func refuse(_ message: String, _ index: Int, _ expected: String) -> Bool {
      context.report(.general, message, at: line, word: index, expected: expected)
      return false
    }
    let kinds = "ipip, gue or gre"
    var index = 2
    while index < line.words.count {
      let word = line.words[index].text
      let value = index + 1 < line.words.count ? line.words[index + 1].text : nil
      if word == "type" {
        guard let value else {
          return refuse("Missing tunnel type for \(server) server.", index, kinds)
        }
        guard let kind = Kind(rawValue: value) else {
          return refuse("Unknown tunnel type \(value) for \(server) server.", index + 1, kinds)
        }
        self.kind = kind
        index += 1
      } else if word == "port" {
        guard let value else {
          return refuse("Missing port for \(server) server gue tunnel.", index, "1 to 65535")
        }
        guard let number = try context.unsigned(line, index + 1, in: 1...65535, .strict) else {
          context.report(
            .general, "Invalid gue tunnel port \(value) for \(server) server.", at: line,
            word: index + 1)
          return false
        }
        port = UInt16(truncatingIfNeeded: number)
        index += 1
      } else if let checksum = Self.checksums[word] {
        self.checksum = checksum
      } else {
        return refuse(
          "Invalid tunnel option \(word) for \(server) server.", index,
          "type, port, nocsum, csum or remcsum")
      }
      index += 1
    }
    return true
  }

  /// Nil after a report of options that do not go together.
  func completed(_ line: Statement, _ context: ReadingContext) -> Forwarding.Tunnel? {
    func refuse(_ message: String) -> Forwarding.Tunnel? {
      context.report(.general, message, at: line)
      return nil
    }
    guard (kind == .gue) == (port != nil) else {
      return refuse("gue tunnels require port, otherwise cannot have port.")
    }
    switch (kind, checksum ?? .none) {
    case (.ipip, .none): return .ipip
    case (.ipip, _): return refuse("ipip tunnels do not support checksum option.")
    case (.gre, .remote): return refuse("gre tunnels do not support remote checksum option.")
    case (.gre, let checksum): return .gre(checksum)
    case (.gue, let checksum): return port.map { .gue(port: $0, checksum) }
    }
  }
}

extension Keyword {
  static var forwardingArguments: String {
    "NAT|DR|TUN [type ipip|gue|gre] [port N] [nocsum|csum|remcsum]"
  }

  /// `lvs_method` and its like. `server` is the word in messages.
  static func forwarding(
    _ name: String, default standard: String, _ help: String, server: String,
    _ property: any WritableKeyPath<Tree, ForwardingDraft> & Sendable
  ) -> Keyword {
    Keyword(
      name, forwardingArguments, range: "port 1 to 65535, with gue only", default: standard, help
    ) { tree, line, reader throws(ReadingStop) in
      try tree[keyPath: property].read(line, reader.context, server: server)
    }
  }
}
