import CLinux
import CNetlink
package import IPVS
import Primitives
import SystemIO

/// Requests about tables of marks as messages of nfnetlink's subsystem nftables. Numbers are in
/// network order, but for the mark, which is data in the order of this machine.
extension MarkRequest: NFTablesRequest {
  package func message() -> NetlinkRequest {
    switch action {
    case .makeTable:
      let request = request("NFT_MSG_NEWTABLE", NFT_MSG_NEWTABLE, flags: NLM_F_CREATE)
      request.attribute(NFTA_TABLE_NAME, text: table.name)
      return request
    case .deleteTable:
      let request = request("NFT_MSG_DELTABLE", NFT_MSG_DELTABLE)
      request.attribute(NFTA_TABLE_NAME, text: table.name)
      return request
    case .makeChain(let priority): return chain(priority)
    case .makeMap(let transport, let hasCounters): return map(transport, hasCounters)
    case .makeRule(let transport, let hasCounter): return rule(transport, hasCounter)
    case .addElements(let transport, let elements):
      let request = request("NFT_MSG_NEWSETELEM", NFT_MSG_NEWSETELEM, flags: NLM_F_CREATE)
      return append(elements, of: transport, to: request)
    case .deleteElements(let transport, let elements):
      let request = request("NFT_MSG_DELSETELEM", NFT_MSG_DELSETELEM)
      return append(elements, of: transport, to: request)
    }
  }

  private func request(
    _ name: StaticString, _ type: nf_tables_msg_types, flags: Int32 = 0
  ) -> NetlinkRequest {
    .nftables(name, type, table.family, flags: flags)
  }

  private static let chainName = "in"
  /// Of <linux/netfilter.h>, which does not go together with the C library's headers.
  private static let inputHook: UInt32 = 1

  private func chain(_ priority: Int32) -> NetlinkRequest {
    let request = request("NFT_MSG_NEWCHAIN", NFT_MSG_NEWCHAIN, flags: NLM_F_CREATE)
    request.attribute(NFTA_CHAIN_TABLE, text: table.name)
    request.attribute(NFTA_CHAIN_NAME, text: Self.chainName)
    request.isFilter(Self.inputHook, priority)
    return request
  }

  // MARK: Maps

  private var addressLength: UInt32 { table.family == .ipv4 ? 4 : 16 }

  private func map(_ transport: TransportProtocol, _ hasCounters: Bool) -> NetlinkRequest {
    let request = request("NFT_MSG_NEWSET", NFT_MSG_NEWSET, flags: NLM_F_CREATE)
    let address: NFTablesDataType = table.family == .ipv4 ? .ipv4Address : .ipv6Address
    let flags = NFT_SET_MAP.rawValue | NFT_SET_INTERVAL.rawValue | NFT_SET_CONCAT.rawValue
    request.attribute(NFTA_SET_TABLE, text: table.name)
    request.attribute(NFTA_SET_NAME, text: transport.mapName)
    request.attribute(NFTA_SET_FLAGS, flags)
    request.attribute(
      NFTA_SET_KEY_TYPE,
      address.rawValue << NFTablesDataType.bits | NFTablesDataType.service.rawValue)
    request.attribute(NFTA_SET_KEY_LEN, addressLength + 4)
    request.attribute(NFTA_SET_DATA_TYPE, NFTablesDataType.mark.rawValue)
    request.attribute(NFTA_SET_DATA_LEN, 4)
    // By it requests of one transaction can refer to the map; ours do by its name.
    request.attribute(NFTA_SET_ID, UInt32(transport.number))
    request.nested(NFTA_SET_DESC) {
      request.nested(NFTA_SET_DESC_CONCAT) {
        for length in [addressLength, 2] {
          request.nested(NFTA_LIST_ELEM) { request.attribute(NFTA_SET_FIELD_LEN, length) }
        }
      }
    }
    request.attribute(Int(NFTA_SET_USERDATA.rawValue), octets: SetNote.data)
    if hasCounters {
      request.nested(NFTA_SET_EXPR) {
        request.attribute(NFTA_EXPR_NAME, text: "counter")
        request.nested(NFTA_EXPR_DATA) {}
      }
    }
    return request
  }

  private func append(
    _ elements: [MarkTable.Element], of transport: TransportProtocol, to request: NetlinkRequest
  ) -> NetlinkRequest {
    request.attribute(NFTA_SET_ELEM_LIST_TABLE, text: table.name)
    request.attribute(NFTA_SET_ELEM_LIST_SET, text: transport.mapName)
    request.nested(NFTA_SET_ELEM_LIST_ELEMENTS) {
      for element in elements {
        request.nested(NFTA_LIST_ELEM) {
          request.key(
            NFTA_SET_ELEM_KEY, element.addresses.lowerBound, element.ports.lowerBound)
          request.key(
            NFTA_SET_ELEM_KEY_END, element.addresses.upperBound, element.ports.upperBound)
          request.nested(NFTA_SET_ELEM_DATA) {
            request.attribute(Int(NFTA_DATA_VALUE.rawValue), element.mark)
          }
        }
      }
    }
    return request
  }

  // MARK: Rule

  /// Where the packet's destination is.
  private static let portOffset: UInt32 = 2
  private var addressOffset: UInt32 { table.family == .ipv4 ? 16 : 24 }

  /// The register behind an address in register 1: registers are counted in units of 16 octets, or
  /// of 4.
  private var registerBehindAddress: UInt32 {
    table.family == .ipv4 ? NFT_REG32_01.rawValue : NFT_REG_2.rawValue
  }

  private func rule(_ transport: TransportProtocol, _ hasCounter: Bool) -> NetlinkRequest {
    let request = request(
      "NFT_MSG_NEWRULE", NFT_MSG_NEWRULE, flags: NLM_F_CREATE | NLM_F_APPEND)
    request.attribute(NFTA_RULE_TABLE, text: table.name)
    request.attribute(NFTA_RULE_CHAIN, text: Self.chainName)
    request.nested(NFTA_RULE_EXPRESSIONS) {
      request.transportIs(transport)
      request.loadPayload(
        NFT_PAYLOAD_NETWORK_HEADER, addressOffset, addressLength, into: NFT_REG_1.rawValue)
      request.loadPayload(
        NFT_PAYLOAD_TRANSPORT_HEADER, Self.portOffset, 2, into: registerBehindAddress)
      request.expression("lookup") {
        request.attribute(NFTA_LOOKUP_SET, text: transport.mapName)
        request.attribute(NFTA_LOOKUP_SREG, NFT_REG_1.rawValue)
        request.attribute(NFTA_LOOKUP_DREG, NFT_REG_1.rawValue)
      }
      request.expression("meta") {
        request.attribute(NFTA_META_KEY, NFT_META_MARK.rawValue)
        request.attribute(NFTA_META_SREG, NFT_REG_1.rawValue)
      }
      if hasCounter { request.expression("counter") {} }
      request.verdict(UInt32(bitPattern: NFT_RETURN.rawValue))
    }
    return request
  }
}

extension NetlinkRequest {
  fileprivate func transportIs(_ transport: TransportProtocol) {
    expression("meta") {
      attribute(NFTA_META_DREG, NFT_REG_1.rawValue)
      attribute(NFTA_META_KEY, NFT_META_L4PROTO.rawValue)
    }
    expression("cmp") {
      attribute(NFTA_CMP_SREG, NFT_REG_1.rawValue)
      attribute(NFTA_CMP_OP, NFT_CMP_EQ.rawValue)
      nested(NFTA_CMP_DATA) { attribute(Int(NFTA_DATA_VALUE.rawValue), transport.number) }
    }
  }

  /// An address and a port, each in whole words.
  fileprivate func key(
    _ type: nft_set_elem_attributes, _ address: IPAddress, _ port: UInt16
  ) {
    let port = (UInt32(port) << 16).bigEndian
    nested(type) {
      let value = Int(NFTA_DATA_VALUE.rawValue)
      switch address {
      case .ipv4(let address): attribute(value, [address.bits.bigEndian, port] as [2 of UInt32])
      case .ipv6(let address):
        let words = [address.high, address.low].flatMap { half in
          [UInt32(half >> 32).bigEndian, UInt32(truncatingIfNeeded: half).bigEndian]
        }
        attribute(value, [words[0], words[1], words[2], words[3], port] as [5 of UInt32])
      }
    }
  }
}
