import CLinux
import CNetlink
package import Firewall
import Primitives

/// Requests about tables of filters as messages of nfnetlink's subsystem nftables.
extension FilterRequest: NFTablesRequest {
  package func message() -> NetlinkRequest {
    switch action {
    case .makeTable:
      let request = request("NFT_MSG_NEWTABLE", NFT_MSG_NEWTABLE, flags: NLM_F_CREATE)
      request.attribute(NFTA_TABLE_NAME, text: table)
      return request
    case .deleteTable:
      let request = request("NFT_MSG_DELTABLE", NFT_MSG_DELTABLE)
      request.attribute(NFTA_TABLE_NAME, text: table)
      return request
    case .makeChain(let chain, let priority): return make(chain, priority)
    case .makeSet(let set, let key): return make(set, key)
    case .makeRule(let rule): return make(rule)
    case .addElements(let set, let entries):
      let request = request("NFT_MSG_NEWSETELEM", NFT_MSG_NEWSETELEM, flags: NLM_F_CREATE)
      return append(entries, of: set, to: request)
    case .deleteElements(let set, let entries):
      let request = request("NFT_MSG_DELSETELEM", NFT_MSG_DELSETELEM)
      return append(entries, of: set, to: request)
    }
  }

  private func request(
    _ name: StaticString, _ type: nf_tables_msg_types, flags: Int32 = 0
  ) -> NetlinkRequest {
    .nftables(name, type, family, flags: flags)
  }

  // MARK: Chains

  private func make(_ chain: FilterChain, _ priority: Int32) -> NetlinkRequest {
    let request = request("NFT_MSG_NEWCHAIN", NFT_MSG_NEWCHAIN, flags: NLM_F_CREATE)
    request.attribute(NFTA_CHAIN_TABLE, text: table)
    request.attribute(NFTA_CHAIN_NAME, text: chain.name)
    if let hook = chain.hook { request.isFilter(hook.number, priority) }
    return request
  }

  // MARK: Sets

  private func make(_ set: FilterSet, _ key: [FilterSet.Field]) -> NetlinkRequest {
    let request = request("NFT_MSG_NEWSET", NFT_MSG_NEWSET, flags: NLM_F_CREATE)
    request.attribute(NFTA_SET_TABLE, text: table)
    request.attribute(NFTA_SET_NAME, text: set.name)
    let flags: UInt32 =
      set.isMap ? NFT_SET_MAP.rawValue : set.constants.isEmpty ? 0 : NFT_SET_CONSTANT.rawValue
    if flags != 0 { request.attribute(NFTA_SET_FLAGS, flags) }
    request.attribute(
      NFTA_SET_KEY_TYPE, key.reduce(0) { $0 << NFTablesDataType.bits | $1.dataType.rawValue })
    request.attribute(NFTA_SET_KEY_LEN, key.reduce(0) { $0 + $1.length })
    if set.isMap {
      request.attribute(NFTA_SET_DATA_TYPE, NFTablesDataType.interfaceIndex.rawValue)
      request.attribute(NFTA_SET_DATA_LEN, 4)
    }
    // By it requests of one transaction can refer to the set; ours do by its name.
    request.attribute(NFTA_SET_ID, set.rawValue)
    let isAddress = key == [.ipv4Address] || key == [.ipv6Address]
    request.attribute(
      Int(NFTA_SET_USERDATA.rawValue),
      octets: SetNote.keys(inNetworkOrder: isAddress) + (set.isMap ? SetNote.data : []))
    return request
  }

  private func append(
    _ entries: [FilterEntry], of set: FilterSet, to request: NetlinkRequest
  ) -> NetlinkRequest {
    request.attribute(NFTA_SET_ELEM_LIST_TABLE, text: table)
    request.attribute(NFTA_SET_ELEM_LIST_SET, text: set.name)
    request.nested(NFTA_SET_ELEM_LIST_ELEMENTS) {
      for entry in entries {
        request.nested(NFTA_LIST_ELEM) {
          request.value(NFTA_SET_ELEM_KEY, entry.key)
          if let data = entry.data { request.value(NFTA_SET_ELEM_DATA, data) }
        }
      }
    }
    return request
  }

  // MARK: Rules

  private func make(_ rule: FilterRule) -> NetlinkRequest {
    let request = request(
      "NFT_MSG_NEWRULE", NFT_MSG_NEWRULE, flags: NLM_F_CREATE | NLM_F_APPEND)
    request.attribute(NFTA_RULE_TABLE, text: table)
    request.attribute(NFTA_RULE_CHAIN, text: rule.chain.name)
    request.nested(NFTA_RULE_EXPRESSIONS) {
      for expression in rule.expressions { request.append(expression) }
    }
    return request
  }
}

extension NetlinkRequest {
  fileprivate func append(_ expression: FilterExpression) {
    switch expression {
    case .payload(let header, let offset, let length, let register):
      loadPayload(
        header == .network ? NFT_PAYLOAD_NETWORK_HEADER : NFT_PAYLOAD_TRANSPORT_HEADER, offset,
        length, into: register.rawValue)
    case .meta(let meta, let register):
      self.expression("meta") {
        attribute(NFTA_META_DREG, register.rawValue)
        attribute(NFTA_META_KEY, meta.key.rawValue)
      }
    case .isEqual(let register, let value):
      self.expression("cmp") {
        attribute(NFTA_CMP_SREG, register.rawValue)
        attribute(NFTA_CMP_OP, NFT_CMP_EQ.rawValue)
        self.value(NFTA_CMP_DATA, value)
      }
    case .mask(let register, let mask):
      self.expression("bitwise") {
        attribute(NFTA_BITWISE_SREG, register.rawValue)
        attribute(NFTA_BITWISE_DREG, register.rawValue)
        attribute(NFTA_BITWISE_LEN, UInt32(mask.count))
        value(NFTA_BITWISE_MASK, mask)
        value(NFTA_BITWISE_XOR, Array(repeating: 0, count: mask.count))
      }
    case .lookup(let set, let register, let destination):
      self.expression("lookup") {
        attribute(NFTA_LOOKUP_SET, text: set.name)
        attribute(NFTA_LOOKUP_SREG, register.rawValue)
        if let destination { attribute(NFTA_LOOKUP_DREG, destination.rawValue) }
      }
    case .duplicate:
      self.expression("dup") {
        attribute(NFTA_DUP_SREG_ADDR, FilterExpression.Register.first.rawValue)
        attribute(NFTA_DUP_SREG_DEV, FilterExpression.Register.second.rawValue)
      }
    case .counter: self.expression("counter") {}
    case .verdict(let verdict): append(verdict)
    }
  }

  private func append(_ verdict: FilterExpression.Verdict) {
    switch verdict {
    case .drop: self.verdict(Self.drop)
    case .accept: self.verdict(Self.accept)
    case .goto(let chain):
      self.verdict(UInt32(bitPattern: NFT_GOTO.rawValue), chain: chain.name)
    }
  }
}

extension FilterChain.Hook {
  /// Of <linux/netfilter.h>, which does not go together with the C library's headers.
  fileprivate var number: UInt32 {
    switch self {
    case .input: 1
    case .output: 3
    }
  }
}

extension FilterExpression.Meta {
  fileprivate var key: nft_meta_keys {
    switch self {
    case .protocolNumber: NFT_META_L4PROTO
    case .inputIndex: NFT_META_IIF
    case .inputName: NFT_META_IIFNAME
    case .outputIndex: NFT_META_OIF
    case .outputName: NFT_META_OIFNAME
    case .outputKind: NFT_META_OIFKIND
    }
  }
}

extension FilterSet.Field {
  fileprivate var dataType: NFTablesDataType {
    switch self {
    case .ipv4Address: .ipv4Address
    case .ipv6Address: .ipv6Address
    case .interfaceIndex: .interfaceIndex
    case .interfaceName: .interfaceName
    case .icmpv6Type: .icmpv6Type
    }
  }

  fileprivate var length: UInt32 {
    switch self {
    case .ipv4Address, .interfaceIndex: 4
    case .ipv6Address, .interfaceName: 16
    case .icmpv6Type: 1
    }
  }
}
