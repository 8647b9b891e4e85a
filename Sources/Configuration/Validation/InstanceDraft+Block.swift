import ConfigurationSyntax
import Primitives

extension InstanceDraft {
  /// What is checked where the block ends.
  mutating func checkAtEndOfBlock(_ reader: BlockReader) {
    func report(_ message: String) {
      reader.context.report(.general, message, at: reader.location)
    }
    let hasOwnInterface = instance.vmac != nil || instance.ipvlan != nil
    if isUnicastConfigured && hasOwnInterface {
      if instance.interface == nil {
        report(
          "\(ownerColon)Cannot use VMAC/ipvlan with unicast and no interface - clearing use_vmac")
        instance.vmac = nil
        instance.ipvlan = nil
      } else if !instance.vmacXmitBase {
        report("\(owner)unicast with use_vmac requires vmac_xmit_base - setting")
        instance.vmacXmitBase = true
      }
    }
    if instance.unicastTTL != nil && instance.unicastPeers.isEmpty {
      report("\(ownerColon)Cannot use unicast_ttl without unicast peers - resetting")
      instance.unicastTTL = nil
    }
  }
}
