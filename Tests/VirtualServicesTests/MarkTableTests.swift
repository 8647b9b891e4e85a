import Configuration
import IPVS
import Primitives
import Testing
import VirtualServices

/// Configurations with groups of addresses.
enum Groups {
  static func range(_ first: String, _ last: String, port: UInt16 = 80) throws
    -> VirtualServerGroup.Entry
  {
    .addresses(
      .init(
        first: try #require(IPAddress(parsing: first)),
        last: try #require(IPAddress(parsing: last)), port: port))
  }

  static func group(_ name: String, _ entries: VirtualServerGroup.Entry...) -> VirtualServerGroup {
    var group = VirtualServerGroup(name: name)
    group.entries = entries
    return group
  }

  static func server(_ name: String, _ transport: TransportProtocol? = .tcp) -> VirtualServer {
    var server = VirtualServer(service: .group(name: name, ordinal: 0))
    server.transport = transport
    return server
  }

  static func configuration(
    _ groups: [VirtualServerGroup], _ servers: [VirtualServer]
  ) -> LVSConfiguration {
    var configuration = LVSConfiguration()
    configuration.groups = groups
    configuration.virtualServers = servers
    return configuration
  }

  /// Group G with TCP and UDP, group H of both families with TCP.
  static func sample() throws -> LVSConfiguration {
    configuration(
      [
        group(
          "G", try range("10.0.0.1", "10.0.0.1"), try range("10.0.1.10", "10.0.1.12", port: 81),
          try range("10.0.4.8", "10.0.4.11", port: 83)),
        group(
          "H", try range("fd00:1::1", "fd00:1::8"), try range("10.0.9.1", "10.0.9.1", port: 443)),
      ],
      [server("G"), server("G", .udp), server("H")])
  }

  static func marks(_ configuration: LVSConfiguration, from start: UInt32 = 1000) -> GroupMarks {
    var marks = GroupMarks()
    marks.assign(configuration, from: start)
    return marks
  }

  static func tables(_ configuration: LVSConfiguration) -> [MarkTable] {
    MarkTable.tables(
      configuration, marks: marks(configuration), settings: .init(table: "t"), hasCounters: true)
  }

  /// The elements of each map, in words.
  static func texts(_ table: MarkTable?) -> [[String]] {
    table?.maps.map { $0.elements.map(\.description) } ?? []
  }
}

@Suite("Marks of groups")
struct GroupMarksTests {
  @Test("Each group has a mark for each transport, in the order of use")
  func order() throws {
    let marks = Groups.marks(try Groups.sample())
    #expect(marks["G", .tcp] == 1000)
    #expect(marks["G", .udp] == 1001)
    #expect(marks["H", .tcp] == 1002)
    #expect(marks["H", .sctp] == nil)
  }

  @Test("Without nftables, and for groups with marks of their own, there are none")
  func none() throws {
    var configuration = try Groups.sample()
    configuration.groups[0].entries.append(.mark(7, family: nil))
    configuration.groups.append(Groups.group("E"))
    configuration.virtualServers.append(Groups.server("E"))
    let marks = Groups.marks(configuration)
    #expect(marks["G", .tcp] == nil)
    #expect(marks["E", .tcp] == nil)
    #expect(marks["H", .tcp] == 1000)
    var without = marks
    without.assign(configuration, from: nil)
    #expect(without["H", .tcp] == nil)
  }

  @Test("A group that stays keeps its mark; what became free is not given again at once")
  func stable() throws {
    var configuration = try Groups.sample()
    var marks = Groups.marks(configuration)
    configuration.virtualServers = [Groups.server("H", .udp), Groups.server("H")]
    marks.assign(configuration, from: 1000)
    #expect(marks["H", .tcp] == 1002)
    #expect(marks["H", .udp] == 1003)
    #expect(marks["G", .tcp] == nil)
    configuration.virtualServers.append(Groups.server("G"))
    marks.assign(configuration, from: 50)
    #expect(marks["H", .tcp] == 1002)
    #expect(marks["G", .tcp] == 50)
  }

  @Test("Marks that the configuration names are left out, at a reload too")
  func configured() throws {
    var configuration = try Groups.sample()
    configuration.virtualServers.append(VirtualServer(service: .mark(1001)))
    var marks = Groups.marks(configuration)
    #expect(marks["G", .tcp] == 1000)
    #expect(marks["G", .udp] == 1002)
    configuration.groups.append(Groups.group("M", .mark(1000, family: nil)))
    marks.assign(configuration, from: 1000)
    #expect(marks["G", .tcp] == 1004)
    #expect(marks["G", .udp] == 1002)
  }

  @Test("Behind the last number comes 1")
  func wrap() throws {
    let marks = Groups.marks(try Groups.sample(), from: .max)
    #expect(marks["G", .tcp] == .max)
    #expect(marks["G", .udp] == 1)
    #expect(marks["H", .tcp] == 2)
  }

  @Test("A marked group is one service for each of its families, IPv4 first")
  func expansion() throws {
    let configuration = try Groups.sample()
    let marks = Groups.marks(configuration)
    let names = configuration.virtualServers.map { server in
      ServiceExpansion(server, groups: configuration.groups, marks: marks)
        .identities.map(\.description)
    }
    #expect(names == [["Fwm 1000"], ["Fwm 1001"], ["Fwm 1002", "Fwm 1002 inet6"]])
  }
}

@Suite("What nftables shall hold")
struct MarkTableTests {
  @Test("There is a table for each family, a map for each transport, an element for each entry")
  func sample() throws {
    let tables = Groups.tables(try Groups.sample())
    #expect(tables.map(\.identity.family) == [.ipv4, .ipv6])
    #expect(tables.map { $0.maps.map(\.transport) } == [[.tcp, .udp], [.tcp]])
    #expect(
      Groups.texts(tables.first) == [
        [
          "10.0.0.1 . 80 : 1000", "10.0.1.10-10.0.1.12 . 81 : 1000",
          "10.0.4.8-10.0.4.11 . 83 : 1000", "10.0.9.1 . 443 : 1002",
        ],
        [
          "10.0.0.1 . 80 : 1001", "10.0.1.10-10.0.1.12 . 81 : 1001",
          "10.0.4.8-10.0.4.11 . 83 : 1001",
        ],
      ])
    #expect(Groups.texts(tables.last) == [["fd00:1::1-fd00:1::8 . 80 : 1002"]])
  }

  @Test("No two elements have an address and a port in common; the first group counts")
  func overlaps() throws {
    let configuration = Groups.configuration(
      [
        Groups.group(
          "G", try Groups.range("10.0.0.5", "10.0.0.6"), try Groups.range("10.0.0.9", "10.0.0.9"),
          try Groups.range("10.0.0.5", "10.0.0.5")),
        Groups.group(
          "H", try Groups.range("10.0.0.0", "10.0.0.10"),
          try Groups.range("10.0.0.0", "10.0.0.10", port: 81)),
      ],
      [Groups.server("G"), Groups.server("H")])
    #expect(
      Groups.texts(Groups.tables(configuration).first) == [
        [
          "10.0.0.5-10.0.0.6 . 80 : 1000", "10.0.0.9 . 80 : 1000",
          "10.0.0.0-10.0.0.4 . 80 : 1001", "10.0.0.7-10.0.0.8 . 80 : 1001",
          "10.0.0.10 . 80 : 1001", "10.0.0.0-10.0.0.10 . 81 : 1001",
        ]
      ])
  }

  @Test("Ranges end at the first and the last address of a family")
  func ends() throws {
    let last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    let configuration = Groups.configuration(
      [
        Groups.group("G", try Groups.range("::", "::1"), try Groups.range("ffff::", last)),
        Groups.group("H", try Groups.range("::", last)),
      ],
      [Groups.server("G"), Groups.server("H")])
    #expect(
      Groups.texts(Groups.tables(configuration).first) == [
        [
          "::-::1 . 80 : 1000", "ffff::-\(last) . 80 : 1000",
          "::2-fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff . 80 : 1001",
        ]
      ])
  }

  @Test("An entry for all ports takes what no other entry has")
  func allPorts() throws {
    let configuration = Groups.configuration(
      [
        Groups.group("A", try Groups.range("10.0.0.1", "10.0.0.4", port: 0)),
        Groups.group("B", try Groups.range("10.0.0.2", "10.0.0.3")),
      ],
      [Groups.server("A"), Groups.server("B")])
    #expect(
      Groups.texts(Groups.tables(configuration).first) == [
        [
          "10.0.0.2-10.0.0.3 . 80 : 1001", "10.0.0.1 . 0-65535 : 1000",
          "10.0.0.4 . 0-65535 : 1000", "10.0.0.2-10.0.0.3 . 0-79 : 1000",
          "10.0.0.2-10.0.0.3 . 81-65535 : 1000",
        ]
      ])
  }

  @Test("Without marks there are no tables")
  func none() throws {
    let configuration = try Groups.sample()
    #expect(
      MarkTable.tables(
        configuration, marks: GroupMarks(), settings: .init(table: "t"), hasCounters: false
      ).isEmpty)
  }

  @Test("The log names what was asked")
  func complaint() throws {
    let table = MarkTable.Identity(name: "t", family: .ipv6)
    let elements = Groups.tables(try Groups.sample())[1].maps[0].elements
    #expect(
      MarkRequest(table, .addElements(.tcp, elements))
        .complaint(.exists, systemText: "File exists")
        == "nftables NFT_MSG_NEWSETELEM ip6 t tcp_map { fd00:1::1-fd00:1::8 . 80 : 1002 }"
        + " error: File exists(17)")
  }
}
