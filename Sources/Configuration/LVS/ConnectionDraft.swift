import ConfigurationSyntax
import Primitives

/// Where and how a checker connects, while it is read.
struct ConnectionDraft: Hashable {
  var address: IPAddress?
  var port: UInt16?
  var bindAddress: IPAddress?
  var bindPort: UInt16 = 0
  var bindInterface: String?
  var timeout: Microseconds?
  var mark: UInt32 = 0

  /// With what the real server has; port and time-out 0 stand for what is not known yet. Nil after
  /// a report if there is no way to connect.
  func completed(_ server: RealServer, _ reader: BlockReader) -> CheckConnection? {
    let target = address ?? server.address
    if target.isLinkLocal && bindInterface == nil {
      reader.context.report(
        .general, "Checker link local address \(target) requires a bind_if", at: reader.location,
        expected: "bind_if INTERFACE")
      return nil
    }
    var connection = CheckConnection(address: target, port: port ?? server.port)
    connection.bindAddress = bindAddress
    connection.bindPort = bindPort
    connection.bindInterface = bindInterface
    connection.timeout = timeout ?? .zero
    connection.mark = mark
    return connection
  }
}

/// A block that says where to connect.
protocol ConnectionOwner: SendableMetatype {
  /// The server as written.
  var server: RealServer { get }
  var connection: ConnectionDraft { get set }
}

extension Keyword where Tree: ConnectionOwner {
  /// The keywords of a connection.
  static var connection: [Keyword] {
    [
      address("connect_ip", "address of the real server", "Address to check.", other: "bindto") {
        ($0.connection.bindAddress, { $0.connection.address = $1 })
      },
      .unsigned(
        "connect_port", "PORT", 1...65535, default: "port of the real server", "Port to check.",
        invalid: { "Invalid checker connect_port '\($1)'" }
      ) { $0.connection.port = UInt16(truncatingIfNeeded: $1) },
      address("bindto", "chosen by the kernel", "Address to connect from.", other: "connect_ip") {
        ($0.connection.address ?? $0.server.address, { $0.connection.bindAddress = $1 })
      },
      .unsigned(
        "bind_port", "PORT", 1...65535, default: "chosen by the kernel",
        "Port to connect from; with bindto only.",
        invalid: { "Invalid checker bind_port '\($1)'" }
      ) { $0.connection.bindPort = UInt16(truncatingIfNeeded: $1) },
      bindInterface,
      .time(
        "connect_timeout", CheckConnection.timeouts, default: "that of the real server",
        "Time limit of the connection and of each answer.",
        invalid: { "connect_timeout \($1) invalid - ignoring" }
      ) { $0.connection.timeout = $1 },
      .unsigned(
        "fwmark", "MARK", 0...UInt64(UInt32.max), default: "0", "Firewall mark of the packets.",
        invalid: { "Invalid fwmark connection value '\($1)'" }
      ) { $0.connection.mark = UInt32(truncatingIfNeeded: $1) },
    ]
  }

  /// An address whose family must be that of the other one.
  private static func address(
    _ name: String, _ standard: String, _ help: String, other: String,
    _ access: @escaping @Sendable (Tree) -> (IPAddress?, (inout Tree, IPAddress) -> Void)
  ) -> Keyword {
    Keyword(name, "ADDR", default: standard, help) { tree, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      guard let address = ReadingContext.address(word) else {
        reader.context.report(
          .general, "Invalid \(name) address \(word) - ignoring", at: line, word: 1,
          expected: "an IPv4 or IPv6 address")
        return
      }
      let (partner, set) = access(tree)
      if let partner, partner.family != address.family {
        reader.context.report(
          .general, "\(name) address \(word) does not match address family of \(other) - skipping",
          at: line, word: 1)
        return
      }
      set(&tree, address)
    }
  }

  private static var bindInterface: Keyword {
    Keyword(
      "bind_if", "INTERFACE", range: "15 characters", default: "none", "Interface to connect by."
    ) { tree, line, reader throws(ReadingStop) in
      let word = try line.word(1).text
      guard word.utf8.count <= longestInterface else {
        reader.context.report(
          .general, "Interface name \(word) is too long - ignoring", at: line, word: 1)
        return
      }
      tree.connection.bindInterface = word
    }
  }

  private static var longestInterface: Int { 15 }
}
