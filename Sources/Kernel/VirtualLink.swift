import CLinux
import CNetlink
package import Primitives

/// A link that stands on another one, to be made or removed.
package struct VirtualLink: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// With a hardware address of its own; it talks to no other macvlan on its parent.
    case privateMacvlan(MACAddress)
    /// Of layer 2, with the hardware address of its parent.
    case ipvlan(IPVLANMode)
  }

  /// Who on one parent can talk to whom; the `IPVLAN_F_` flags.
  package enum IPVLANMode: UInt16, Hashable, Sendable {
    case bridge = 0
    case `private` = 1
    case vepa = 2
  }

  /// By which it is removed; of one that is to be made the kernel chooses it.
  package var index: InterfaceIndex
  package var name: String
  package var kind: Kind
  package var parent: InterfaceIndex
  package var group: UInt32
  /// The VRF that it belongs to from the beginning.
  package var controller: InterfaceIndex

  package init(
    index: InterfaceIndex = .none, name: String, kind: Kind, parent: InterfaceIndex,
    group: UInt32 = 0, controller: InterfaceIndex = .none
  ) {
    self.index = index
    self.name = name
    self.kind = kind
    self.parent = parent
    self.group = group
    self.controller = controller
  }

  /// Refused if there is a link of that name.
  package var addition: NetlinkRequest {
    let request = NetlinkRequest(
      "RTM_NEWLINK", type: Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL)
    request.append(ifinfomsg())
    request.nested(Int(IFLA_LINKINFO)) {
      switch kind {
      case .privateMacvlan:
        request.attribute(Int(IFLA_INFO_KIND), text: "macvlan")
        request.nested(Int(IFLA_INFO_DATA)) {
          request.attribute(Int(IFLA_MACVLAN_MODE), NetworkInterface.privateMacvlan)
        }
      case .ipvlan(let mode):
        request.attribute(Int(IFLA_INFO_KIND), text: "ipvlan")
        request.nested(Int(IFLA_INFO_DATA)) {
          request.attribute(Int(IFLA_IPVLAN_MODE), NetworkInterface.layer2IPVLAN)
          request.attribute(Int(IFLA_IPVLAN_FLAGS), mode.rawValue)
        }
      }
    }
    request.attribute(Int(IFLA_LINK), parent.rawValue)
    request.attribute(Int(IFLA_IFNAME), text: name)
    request.attribute(Int(IFLA_GROUP), group)
    if case .privateMacvlan(let address) = kind { request.attribute(Int(IFLA_ADDRESS), address) }
    if controller != .none { request.attribute(Int(IFLA_MASTER), controller.rawValue) }
    return request
  }

  package var removal: NetlinkRequest {
    let request = NetlinkRequest("RTM_DELLINK", type: Int(RTM_DELLINK))
    var header = ifinfomsg()
    header.ifi_index = Int32(bitPattern: index.rawValue)
    request.append(header)
    return request
  }

  /// The kernel refuses group 0, which is everybody's.
  static func removal(ofGroup group: UInt32) -> NetlinkRequest {
    let request = NetlinkRequest("RTM_DELLINK", type: Int(RTM_DELLINK))
    request.append(ifinfomsg())
    request.attribute(Int(IFLA_GROUP), group)
    return request
  }
}

extension NetlinkRequest {
  func attribute(_ type: Int, _ address: MACAddress) { attribute(type, address.octets) }
}
