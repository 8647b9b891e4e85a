import Kernel
import Primitives
import SystemIO
import SystemTestSupport

@testable import VRRPProcess

/// A network namespace that is not there: links, addresses, and what was sent.
final class FakeNetwork: NetworkEdge {
  var links: [NetworkInterface]
  private(set) var held: [AddressAssignment] = []
  /// What it was asked, in order.
  var changes: [NetworkChange] = []
  /// Addresses that it refuses, and why.
  var refusals: [IPAddress: Errno] = [:]
  private let bell: EventCounter
  private var pending: [Result<[NetworkReport], NetlinkMonitor.Failure>] = []
  private(set) var ports: [FakePort] = []
  let tables: FakeFilter
  /// The link-layer frames sent, by the kernel's index of their interface.
  var frames: [(interface: InterfaceIndex, octets: [UInt8])] = []

  init(_ links: [NetworkInterface]) throws(Errno) {
    self.links = links
    bell = try EventCounter()
    tables = try FakeFilter()
  }

  // MARK: As the kernel

  var filter: any FilterEdge { tables }

  func interfaces() throws(Errno) -> [NetworkInterface] { links }

  func addresses(_ family: AddressFamily) throws(Errno) -> [InterfaceAddress] {
    held.filter { $0.address.family == family }.map(\.reported)
  }

  func perform(_ changes: [NetworkChange]) -> [Errno?] {
    self.changes += changes
    return changes.map { change in
      switch change {
      case .add(.address(let address)): add(address)
      case .remove(.address(let address)): remove(address)
      }
    }
  }

  private func add(_ address: AddressAssignment) -> Errno? {
    if let refusal = refusals[address.address] { return refusal }
    if held.contains(where: { $0.isSamePlace(as: address) }) { return .exists }
    held.append(address)
    report([.address(address.reported)], isEcho: true)
    return nil
  }

  private func remove(_ address: AddressAssignment) -> Errno? {
    guard let place = held.firstIndex(where: { $0.isSamePlace(as: address) }) else {
      return .addressNotAvailable
    }
    held.remove(at: place)
    report([.addressDeleted(address.reported)], isEcho: true)
    return nil
  }

  var reports: Int32 { bell.descriptor.rawValue }

  func report() throws(NetlinkMonitor.Failure) -> [NetworkReport]? {
    guard !pending.isEmpty else {
      _ = bell.take()
      return nil
    }
    return try pending.removeFirst().get()
  }

  func openPort(
    _ endpoint: AdvertisementEndpoint, receiveBuffer: Int32
  ) throws(AdvertisementSocket.Failure) -> any AdvertisementPort {
    do throws(Errno) {
      let port = try FakePort(endpoint)
      ports.append(port)
      return port
    } catch { throw .open(error) }
  }

  func send(_ frame: Span<UInt8>, on kernelIndex: InterfaceIndex) throws(Errno) {
    frames.append((kernelIndex, frame.indices.map { frame[$0] }))
  }

  // MARK: As somebody else

  private func report(_ events: [InterfaceEvent], isEcho: Bool) {
    pending.append(.success(events.map { NetworkReport(event: $0, isEcho: isEcho) }))
    bell.add()
  }

  func happens(_ events: InterfaceEvent...) { report(events, isEcho: false) }

  /// Somebody else takes an address.
  func takes(_ address: IPAddress) {
    guard let place = held.firstIndex(where: { $0.address == address }) else { return }
    happens(.addressDeleted(held.remove(at: place).reported))
  }

  /// It goes without a report.
  func loses(_ address: IPAddress) { held.removeAll { $0.address == address } }

  func overruns() {
    pending = [.failure(.overrun)]
    bell.add()
  }

  /// A primary address that we remove takes this one along.
  func takesAlong(_ address: IPAddress) {
    guard let place = held.firstIndex(where: { $0.address == address }) else { return }
    report([.addressDeleted(held.remove(at: place).reported)], isEcho: true)
  }

  /// What is on an interface, by its kernel index.
  func texts(on kernelIndex: UInt32) -> [String] {
    held.filter { $0.interface.rawValue == kernelIndex }
      .map { "\($0.address)/\($0.prefixLength)" }
  }
}

/// A port that keeps what was sent.
final class FakePort: AdvertisementPort {
  let endpoint: AdvertisementEndpoint
  private let silence: EventCounter
  private(set) var sent: [[UInt8]] = []

  init(_ endpoint: AdvertisementEndpoint) throws(Errno) {
    self.endpoint = endpoint
    silence = try EventCounter()
  }

  var receiverNumber: Int32 { silence.descriptor.rawValue }
  var senderNumber: Int32 { silence.descriptor.rawValue }

  func receive(into batch: DatagramBatch) throws(Errno) -> Int { 0 }

  func send(ipv4 packet: Span<UInt8>, to destination: IPv4Address) throws(Errno) {
    sent.append(packet.indices.map { packet[$0] })
  }

  func send(
    ipv6 payload: Span<UInt8>, to destination: IPv6Address, from source: IPv6Address,
    hopLimit: UInt8?
  ) throws(Errno) {
    sent.append(payload.indices.map { payload[$0] })
  }
}

extension AddressAssignment {
  fileprivate var reported: InterfaceAddress {
    InterfaceAddress(interface: interface, address: address, prefixLength: prefixLength)
  }

  fileprivate func isSamePlace(as other: AddressAssignment) -> Bool {
    interface == other.interface && address == other.address
      && prefixLength == other.prefixLength
  }
}
