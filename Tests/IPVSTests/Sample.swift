import IPVS
import Primitives

/// Services and destinations for tests.
enum Sample {
  static func address(_ last: UInt8, net: UInt8 = 0) -> IPAddress {
    .ipv4(IPv4Address(10, net, 0, last))
  }

  static func identity(_ last: UInt8, port: UInt16 = 80) -> Service.Identity {
    .address(address(last), port: port, .tcp)
  }

  static func service(_ last: UInt8, scheduler: String = "rr") -> Service {
    Service(identity(last), Service.Settings(scheduler: scheduler))
  }

  static func destination(
    _ last: UInt8, weight: UInt32 = 1, forwarding: Forwarding = .nat
  ) -> Destination {
    Destination(
      Destination.Identity(address: address(last, net: 1), port: 8080), forwarding: forwarding,
      weight: weight)
  }

  static func wanted(_ last: UInt8, _ destinations: Destination..., scheduler: String = "rr")
    -> WantedService
  {
    WantedService(service(last, scheduler: scheduler), destinations: destinations)
  }
}
