import BFD
import Configuration
import Primitives

extension SessionConfiguration {
  /// The sessions of a configuration, in its order.
  static func all(in configuration: Configuration) -> [SessionConfiguration] {
    configuration.bfd.map { instance in
      var session = SessionConfiguration(name: instance.name, neighbor: instance.neighborIP)
      session.source = instance.sourceIP
      session.minRx = instance.minRx
      session.minTx = instance.minTx
      session.idleTx = instance.idleTx
      session.multiplier = instance.multiplier
      session.isPassive = instance.isPassive
      session.isMultihop = instance.isMultihop
      session.hopLimit = instance.ttl
      session.maxHops = instance.maxHops
      session.reportsToVRRP = instance.vrrp
      session.reportsToChecker = instance.checker
      return session
    }
  }
}
