import CLinux
import CNetlink
import Primitives

/// What all messages of nfnetlink's subsystem nftables are made of. Numbers are in network order.
extension NetlinkRequest {
  static func nftables(
    _ name: StaticString, _ type: nf_tables_msg_types, _ family: AddressFamily, flags: Int32 = 0
  ) -> NetlinkRequest {
    let request = NetlinkRequest(
      name, type: Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(type.rawValue), flags: flags)
    request.append(
      nfgenmsg(
        nfgen_family: UInt8(family == .ipv4 ? AF_INET : AF_INET6),
        version: UInt8(NFNETLINK_V0), res_id: 0))
    return request
  }

  /// The begin or the end of a transaction.
  static func batch(_ type: Int32) -> NetlinkRequest {
    let request = NetlinkRequest("NFNL_MSG_BATCH", type: Int(type))
    request.append(
      nfgenmsg(
        nfgen_family: UInt8(AF_UNSPEC), version: UInt8(NFNETLINK_V0),
        res_id: UInt16(NFNL_SUBSYS_NFTABLES).bigEndian))
    return request
  }

  /// Of <linux/netfilter.h>, which does not go together with the C library's headers.
  static let drop: UInt32 = 0
  static let accept: UInt32 = 1

  /// The chain is one that packets come to, and accepts what reaches its end.
  func isFilter(_ hook: UInt32, _ priority: Int32) {
    attribute(NFTA_CHAIN_TYPE, text: "filter")
    attribute(NFTA_CHAIN_POLICY, Self.accept)
    nested(NFTA_CHAIN_HOOK) {
      attribute(NFTA_HOOK_HOOKNUM, hook)
      attribute(NFTA_HOOK_PRIORITY, UInt32(bitPattern: priority))
    }
  }

  func expression(_ name: String, _ body: () -> Void) {
    nested(NFTA_LIST_ELEM) {
      attribute(NFTA_EXPR_NAME, text: name)
      nested(NFTA_EXPR_DATA, body)
    }
  }

  func loadPayload(
    _ base: nft_payload_bases, _ offset: UInt32, _ length: UInt32, into register: UInt32
  ) {
    expression("payload") {
      attribute(NFTA_PAYLOAD_DREG, register)
      attribute(NFTA_PAYLOAD_BASE, base.rawValue)
      attribute(NFTA_PAYLOAD_OFFSET, offset)
      attribute(NFTA_PAYLOAD_LEN, length)
    }
  }

  /// `chain`: where it leads to.
  func verdict(_ code: UInt32, chain: String? = nil) {
    expression("immediate") {
      attribute(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT.rawValue)
      nested(NFTA_IMMEDIATE_DATA) {
        nested(NFTA_DATA_VERDICT) {
          attribute(NFTA_VERDICT_CODE, code)
          if let chain { attribute(NFTA_VERDICT_CHAIN, text: chain) }
        }
      }
    }
  }

  // MARK: Attributes of nftables, whose numbers have types

  func nested<Kind: RawRepresentable<UInt32>>(_ type: Kind, _ body: () -> Void) {
    nested(Int(type.rawValue), body)
  }

  func attribute<Kind: RawRepresentable<UInt32>>(_ type: Kind, text: String) {
    attribute(Int(type.rawValue), text: text)
  }

  func attribute<Kind: RawRepresentable<UInt32>>(_ type: Kind, _ number: UInt32) {
    attribute(Int(type.rawValue), number.bigEndian)
  }

  /// Data of a register or a set, as they are.
  func value<Kind: RawRepresentable<UInt32>>(_ type: Kind, _ octets: [UInt8]) {
    nested(type) { attribute(Int(NFTA_DATA_VALUE.rawValue), octets: octets) }
  }
}

/// Numbers of types that say how a set is shown, of which the kernel knows nothing.
enum NFTablesDataType: UInt32 {
  case ipv4Address = 7
  case ipv6Address = 8
  case service = 13
  case mark = 19
  case interfaceIndex = 20
  case icmpv6Type = 29
  case interfaceName = 41

  /// Of each part of a concatenation.
  static let bits: UInt32 = 6
}

/// Notes for programs that show a set, (type, length, value), of which the kernel knows nothing: in
/// which order its octets are.
enum SetNote {
  static func keys(inNetworkOrder: Bool) -> [UInt8] { note(0, inNetworkOrder ? 2 : 1) }
  /// In the order of this machine.
  static let data = note(1, 1)

  private static func note(_ type: UInt8, _ value: UInt8) -> [UInt8] {
    let isLittle = UInt32(1).littleEndian == 1
    return [type, 4] + (isLittle ? [value, 0, 0, 0] : [0, 0, 0, value])
  }
}
