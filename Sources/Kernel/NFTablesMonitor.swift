import CLinux
import CNetlink
package import Primitives
package import SystemIO

/// What somebody took from a table of nftables: the table itself, or something in it.
package struct NFTablesRemoval: Hashable, Sendable {
  package var table: String
  package var family: AddressFamily

  package init(table: String, family: AddressFamily) {
    self.table = table
    self.family = family
  }

  private static let kinds: [nf_tables_msg_types] = [
    NFT_MSG_DELTABLE, NFT_MSG_DELCHAIN, NFT_MSG_DELRULE, NFT_MSG_DELSET, NFT_MSG_DELSETELEM,
  ]

  /// Nil for anything else, and for other families.
  package init?(_ message: NetlinkMessage) {
    let subsystem = UInt16(NFNL_SUBSYS_NFTABLES) << 8
    guard Self.kinds.contains(where: { message.type == subsystem | UInt16($0.rawValue) }),
      let header = message.header(nfgenmsg.self)
    else { return nil }
    switch Int32(header.nfgen_family) {
    case AF_INET: family = .ipv4
    case AF_INET6: family = .ipv6
    default: return nil
    }
    // All of them name their table in their first attribute.
    let name = message.attributes(after: MemoryLayout<nfgenmsg>.size).first {
      $0.type == Int(NFTA_TABLE_NAME.rawValue)
    }
    guard let name else { return nil }
    table = name.value.netlinkText
  }
}

/// Listens to what others than one channel take from tables of nftables.
package final class NFTablesMonitor {
  private let monitor: NetlinkMonitor
  private let port: UInt32

  package init(ignoring channel: NFTablesChannel) throws(Errno) {
    port = try channel.port
    monitor = try NetlinkMonitor(
      Int32(NETLINK_NETFILTER), groups: [UInt32(NFNLGRP_NFTABLES.rawValue)])
    try monitor.ignoreEchoes(of: port)
  }

  package var descriptor: Int32 { monitor.descriptor }

  /// What one datagram tells; nil when none is waiting.
  package func receive() throws(NetlinkMonitor.Failure) -> [NFTablesRemoval]? {
    try monitor.receive().map { messages in
      messages.filter { $0.sender != port }.compactMap { NFTablesRemoval($0) }
    }
  }
}
