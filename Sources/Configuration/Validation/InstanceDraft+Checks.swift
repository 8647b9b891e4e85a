import ConfigurationSyntax
import Primitives

/// An instance that cannot work; the daemon refuses the whole configuration. What is wrong has been
/// reported.
struct InstanceFault: Error {}

extension InstanceDraft {
  func report(_ message: String) { reading.report(.general, "\(owner)\(message)") }
  func note(_ message: String) { reading.report(.note, "\(owner)\(message)") }

  private func fault(_ message: String) -> InstanceFault {
    report(message)
    return InstanceFault()
  }

  /// Without these nothing else can be checked.
  func checkEssentials() throws(InstanceFault) {
    if instance.virtualRouterID.rawValue == 0 {
      throw fault("the virtual router id must be set")
    }
    if instance.interface == nil && !isUnicastConfigured { throw fault("Unknown interface!") }
    if instance.interface == nil && instance.vmac != nil {
      throw fault("cannot use VMAC if no interface specified")
    }
  }

  /// Fills in what the text leaves open and applies the rules, in the order of the reference.
  mutating func complete() throws(InstanceFault) {
    resolveVersion()
    resolveState()
    checkAuthentication()
    checkHMAC()
    try checkUnicast()
    checkInterface()
    checkFirstAddress()
    limitAddresses()
    checkPreemption()
    checkStrictness()
    checkOwnerIgnoreAdverts()
    roundAdvertInterval()
    limitDelays()
    checkTracking()
    placeAddresses()
    try checkAddresses()
    checkPromotion()
    checkWeights()
    resolveDefaults()
  }

  // MARK: - Identity

  private mutating func resolveVersion() {
    instance.strictMode = strictMode ?? reading.global.vrrp.strict
    instance.family = family ?? .ipv4
    let isIPv6 = instance.family == .ipv6
    instance.version = version ?? (isIPv6 ? .three : reading.global.vrrp.version)
    if isIPv6 && instance.version == .two && instance.strictMode {
      report("cannot use IPv6 with VRRP version 2; setting version 3")
      instance.version = .three
    }
  }

  private mutating func resolveState() {
    // Compatibility: `state MASTER` without a priority makes it the owner.
    instance.priority = priority ?? (state == .master ? .owner : .standard)
    instance.isPriorityExplicit = priority != nil
    instance.isStateExplicit = state != nil
    instance.state = state ?? (instance.isOwner ? .master : .backup)
    if instance.strictMode && (instance.state == .master) != instance.isOwner {
      report("State MASTER must match being address owner")
      instance.state = instance.isOwner ? .master : .backup
    }
  }

  // MARK: - Authentication

  private mutating func checkAuthentication() {
    guard let authType else {
      if authPass != nil {
        reading.report(.hint, "\(owner)auth_pass has no effect without auth_type")
      }
      return
    }
    if instance.strictMode {
      report("Strict mode does not support authentication. Ignoring.")
      return
    }
    if instance.version == .three {
      report("VRRP version 3 does not support authentication. Ignoring.")
      return
    }
    guard let authPass, !authPass.isEmpty else {
      report("Authentication specified but no password given. Ignoring")
      return
    }
    if authType == .ah && instance.family == .ipv6 {
      report("Cannot use AH authentication with IPv6. ignoring")
      return
    }
    if authType == .ah && instance.state == .master && !instance.isOwner {
      report("Initial state master is incompatible with AH authentication - clearing")
      instance.state = .backup
    }
    if instance.authHMAC != nil {
      report("Cannot use authentication with auth_hmac. Ignoring authentication")
      return
    }
    instance.authentication = Authentication(type: authType, pass: authPass)
  }

  private mutating func checkHMAC() {
    guard var hmac = instance.authHMAC else { return }
    guard hmac.keys.contains(where: { $0.id == hmac.activeKey }) else {
      report("auth_hmac active_key \(hmac.activeKey) is not defined. Ignoring auth_hmac")
      instance.authHMAC = nil
      return
    }
    if instance.strictMode && hmac.mode != .enforce {
      report("Strict mode requires auth_hmac mode enforce. Setting it")
      hmac.mode = .enforce
    }
    if let timeWindow {
      hmac.timeWindow = timeWindow
    } else {
      let seconds = 3 * (instance.advertInt / 1_000_000).count
      hmac.timeWindow = .seconds(min(max(seconds, 5), 300))
    }
    instance.authHMAC = hmac
  }

  // MARK: - Unicast and the interface

  private var hostInterface: HostInterface? {
    instance.interface.flatMap { reading.host.interface(named: $0) }
  }

  /// What is sent to the own address comes back as if another router had sent it.
  private mutating func dropOwnAddress() {
    guard let own = instance.sourceAddress,
      let index = instance.unicastPeers.firstIndex(where: { $0.address == own })
    else { return }
    let isAlone = instance.unicastPeers.count == 1
    reading.report(
      .remark,
      "\(owner)unicast peer \(own) is the own address\(isAlone ? "" : " - ignoring")")
    // Without any peer it would be multicast.
    if !isAlone { instance.unicastPeers.remove(at: index) }
  }

  private mutating func checkUnicast() throws(InstanceFault) {
    dropOwnAddress()
    if isUnicastConfigured && instance.unicastPeers.isEmpty {
      if unicastFaultNoPeer {
        note("No unicast peers - setting instance to fault state")
        instance.hasConfigurationFault = true
      } else {
        reading.report(
          .deprecated,
          "\(owner)A unicast keyword has been specified without any unicast peers. Defaulting to"
            + " multicast. This usage is deprecated - please update your configuration.")
      }
    }
    if instance.isUnicast && instance.strictMode && hostInterface?.hasMulticast == true {
      throw fault("Unicast peers are not supported in strict mode")
    }
    if instance.interface == nil {
      guard let source = instance.sourceAddress else {
        throw fault("Unicast instances must have unicast_src_ip or interface")
      }
      if source.isLinkLocal {
        throw fault("Non link-local address required if interface omitted")
      }
    }
    if instance.isUnicast && multicastDestination != nil {
      report("multicast destination specified with unicast - ignoring")
      multicastDestination = nil
    }
  }

  private mutating func checkInterface() {
    if instance.strictMode && instance.vmac?.address != nil {
      reading.report(
        .general, "\(ownerColon)cannot specify MAC address with strict mode - clearing")
      instance.vmac?.address = nil
    }
    let hasOwnInterface = instance.vmac != nil || instance.ipvlan != nil
    if let facts = hostInterface {
      if hasOwnInterface && !facts.isEthernet {
        reading.report(
          .general, "\(ownerColon)vmacs are only supported on Ethernet type interfaces")
        instance.hasConfigurationFault = true
        instance.vmac = nil
        instance.ipvlan = nil
      }
      if !facts.hasMulticast && !instance.isUnicast {
        report("interface does not support multicast. setting instance to fault state")
        instance.hasConfigurationFault = true
      }
    }
    if let ipvlan = instance.ipvlan, ipvlan.address == nil, instance.family == .ipv4 {
      report(
        "IPv4 ipvlan requires a source ip address to be configured."
          + " setting instance to fault state")
      instance.hasConfigurationFault = true
    }
    if instance.sourceAddress == nil { instance.sourceAddress = instance.ipvlan?.address }
    if instance.vrf != nil {
      if instance.interface != nil {
        report("Cannot specify VRF interface and interface - ignoring")
        instance.vrf = nil
      } else if !instance.isUnicast {
        report("VRF needs unicast peers - ignoring")
        instance.vrf = nil
      }
    }
  }

  private func checkFirstAddress() {
    guard instance.family == .ipv6, !instance.isUnicast,
      let first = instance.virtualAddresses.first, !first.address.isLinkLocal
    else { return }
    let message = "the first IPv6 VIP address must be link local"
    if instance.strictMode { report(message) } else { note(message) }
  }

  /// What does not fit into an advert is not advertised.
  private mutating func limitAddresses() {
    let count = instance.virtualAddresses.count
    let limit = maximumAddresses
    guard count > limit else { return }
    report(
      "Number of VIPs (\(count)) exceeds maximum/space available in packet (max \(limit) addresses)"
        + " - excess moved to eVIPs")
    instance.excludedAddresses += instance.virtualAddresses[limit...]
    instance.virtualAddresses.removeSubrange(limit...)
  }

  private var maximumAddresses: Int {
    var headers = 14 + 8 + (instance.family == .ipv4 ? 20 : 40)
    if instance.family == .ipv4 && instance.version == .two {
      headers += 8
      if instance.authentication?.type == .ah { headers += 24 }
    }
    if let hmac = instance.authHMAC, hmac.mode != .receiveOnly { headers += 44 }
    let mtu = Int(hostInterface?.mtu ?? 1500)
    return min(255, max(0, mtu - headers) / instance.family.addressLength)
  }

  // MARK: - Addresses

  private func checkAddresses() throws(InstanceFault) {
    if noVirtualIPAddress && instance.strictMode {
      reading.report(
        .warning, "\(owner)no_virtual_ipaddress is incompatible with strict mode - ignoring")
    }
    guard instance.virtualAddresses.isEmpty else { return }
    if instance.strictMode || (instance.version == .three && !noVirtualIPAddress) {
      throw fault("No VIP specified; at least one is required")
    }
    if !noVirtualIPAddress {
      reading.report(.warning, "\(owner)No VIP specified; at least one is sensible")
    }
  }

  // MARK: - Defaults from elsewhere

  private mutating func resolveDefaults() {
    let global = reading.global
    let group = reading.groupOfInstance[name]
    instance.notifyPriorityChanges =
      notifyPriorityChanges ?? group?.notifyPriorityChanges ?? global.vrrp.notifyPriorityChanges
    instance.smtpAlert =
      smtpAlert ?? global.mail.smtpAlertVRRP ?? global.mail.smtpAlert ?? false
    switch instance.family {
    case .ipv4:
      instance.multicastDestination = multicastDestination ?? .ipv4(global.vrrp.mcastGroup4)
    case .ipv6:
      instance.multicastDestination = multicastDestination ?? .ipv6(global.vrrp.mcastGroup6)
    }
  }
}
