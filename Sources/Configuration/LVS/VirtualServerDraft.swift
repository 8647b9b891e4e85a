import ConfigurationSyntax
import IPVS
import Primitives

/// A `virtual_server` while it is read.
struct VirtualServerDraft: CheckSettingsOwner, NotifyOwner {
  static let subject = "virtual server "

  let reading: Reading
  /// What needs no default that comes later.
  var server: VirtualServer
  var scheduler: String?
  var forwarding = ForwardingDraft()
  var persistence = PersistenceDraft()
  var settings = CheckSettings()
  /// The default of the real servers.
  var weight: UInt32 = 1
  var inhibitsOnFailure = false
  var smtpAlert: Bool?
  var sorryServer: SorryServerDraft?
  var realServers: [RealServerDraft] = []

  init(service: VirtualServer.Service, reading: Reading) {
    self.reading = reading
    server = VirtualServer(service: service)
    if case .address(let address, _) = service { server.family = address.family }
  }

  var name: String { server.name }

  /// The persistence keywords; without a time-out there is none.
  struct PersistenceDraft {
    var timeout: UInt32?
    var granularity: Persistence.Granularity?
    var engine: String?

    var completed: Persistence? {
      guard let timeout else { return nil }
      var persistence = Persistence(timeout: timeout)
      persistence.granularity = granularity
      persistence.engine = engine
      return persistence
    }
  }
}

/// A `sorry_server` while its virtual server is read.
struct SorryServerDraft {
  var server: SorryServer
  var forwarding: ForwardingDraft
}

extension VirtualServerDraft {
  /// What its family may be taken from: the first that is there.
  mutating func takeFamily(_ family: AddressFamily) {
    if server.family == nil { server.family = family }
  }

  /// A tunnel leads to servers of any family.
  mutating func accepts(_ address: IPAddress, _ forwarding: ForwardingDraft) -> Bool {
    if forwarding.method == .tunnel { return true }
    takeFamily(address.family)
    return server.family == address.family
  }

  /// Reads `real_server ADDR [PORT] { … }`.
  mutating func readRealServer(_ line: Statement, _ reader: inout BlockReader)
    throws(ReadingStop)
  {
    let word = try line.word(1).text
    let address = ReadingContext.address(word)
    guard let address, let port = try reader.context.port(line, 2) else {
      let suffix = line.words.count > 2 ? "/\(line.words[2].text)" : ""
      reader.context.report(
        .general, "Invalid real server ip address/port \(word)\(suffix) - skipping", at: line,
        word: 1, expected: "an address, and a port from 1 to 65535")
      let scratch = RealServer(address: .ipv4(.any), port: 0)
      try reader.refuseBlock(RealServer.keywords, draft(of: scratch))
      return
    }
    var draft = draft(of: RealServer(address: address, port: port))
    try reader.readBlock(RealServer.keywords, into: &draft)
    guard accepts(address, draft.forwarding) else {
      reader.context.report(
        .general,
        "Address family of virtual server and real server \(address) don't match - skipping real"
          + " server.", at: reader.location, expected: "lvs_method TUN, or an address of one family"
      )
      return
    }
    realServers.append(draft)
  }

  private func draft(of server: RealServer) -> RealServerDraft {
    RealServerDraft(
      reading: reading, transport: self.server.transport, server: server, forwarding: forwarding)
  }

  /// Reads `sorry_server ADDR [PORT]`.
  mutating func readSorryServer(_ line: Statement, _ context: ReadingContext) throws(ReadingStop) {
    let word = try line.word(1).text
    guard let address = ReadingContext.address(word), let port = try context.port(line, 2) else {
      context.report(
        .general, "Invalid sorry server IP address \(word) - skipping", at: line, word: 1,
        expected: "an address, and a port from 1 to 65535")
      return
    }
    sorryServer = SorryServerDraft(
      server: SorryServer(address: address, port: port), forwarding: forwarding)
  }

  /// What is checked where the block ends; false if there is nothing to balance.
  mutating func checkAtEndOfBlock(_ reader: BlockReader) -> Bool {
    if let sorry = sorryServer, !accepts(sorry.server.address, sorry.forwarding) {
      reader.context.report(
        .general,
        "Address family of virtual server and sorry server \(sorry.server.address) don't match -"
          + " skipping sorry server.", at: reader.location)
      sorryServer = nil
    }
    if realServers.isEmpty {
      reader.context.report(
        .general, "Virtual server \(name) has no real servers - ignoring", at: reader.location,
        expected: "real_server ADDR [PORT] { … }")
      return false
    }
    if server.family == nil, !server.service.isGroup {
      var families = Set(realServers.map(\.server.address.family))
      if let sorryServer { families.insert(sorryServer.server.address.family) }
      server.family = families == [.ipv6] ? .ipv6 : .ipv4
    }
    return true
  }
}

extension VirtualServer.Service {
  var isGroup: Bool {
    if case .group = self { true } else { false }
  }
}
