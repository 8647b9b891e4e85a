import EventLoop
import Logging
import Primitives
import SystemIO
import VRRP

/// The sockets that adverts come and go by; routers that send and receive alike share one.
final class SocketPool: ReadinessHandler {
  /// One shared socket and who uses it.
  final class Member {
    let endpoint: AdvertisementEndpoint
    fileprivate(set) var socket: (any AdvertisementPort)?
    fileprivate var watch: EventLoop.Watch?
    /// Routers in configuration order.
    var routers: [Int] = []
    /// Which of them a packet is for.
    var receiveTable: ReceiveTable?
    var receiveBuffer: Int32 = 0

    init(_ endpoint: AdvertisementEndpoint) { self.endpoint = endpoint }
  }

  private let edge: any NetworkEdge
  private let loop: EventLoop
  private let log: Log
  private(set) var members: [Member] = []
  private var batch: DatagramBatch
  /// Called with every datagram.
  private let received: (Member, Span<UInt8>, DatagramBatch.Envelope) -> Void

  init(
    edge: any NetworkEdge, loop: EventLoop, log: Log, largestDatagram: Int,
    received: @escaping (Member, Span<UInt8>, DatagramBatch.Envelope) -> Void
  ) {
    self.edge = edge
    self.loop = loop
    self.log = log
    self.received = received
    batch = DatagramBatch(capacity: largestDatagram)
  }

  /// Buffers grow with the MTU of the interfaces.
  func growBuffers(to size: Int) {
    if size > batch.capacity { batch = DatagramBatch(capacity: size) }
  }

  /// Keeps the sockets whose endpoint is still wanted, closes the others, and opens new ones when
  /// `open` is called.
  func replaceMembers(_ wanted: [Member]) {
    let heirs = Dictionary(
      wanted.map { ($0.endpoint, $0) }, uniquingKeysWith: { first, _ in first })
    for old in members {
      if let heir = heirs[old.endpoint] {
        heir.socket = old.socket
        old.socket = nil
        if let watch = old.watch { loop.unwatch(watch) }
        old.watch = nil
      } else {
        close(old)
      }
    }
    members = wanted
    for (index, member) in members.enumerated() { watch(member, index) }
  }

  /// Opens the socket of a member that has none.
  func open(_ member: Member) throws(AdvertisementSocket.Failure) {
    guard member.socket == nil, let index = members.firstIndex(where: { $0 === member }) else {
      return
    }
    member.socket = try edge.openPort(member.endpoint, receiveBuffer: member.receiveBuffer)
    watch(member, index)
  }

  func close(_ member: Member) {
    if let watch = member.watch { loop.unwatch(watch) }
    member.watch = nil
    member.socket = nil
  }

  func closeAll() {
    for member in members { close(member) }
    members = []
  }

  /// Only with `-D`: which sockets there are now.
  func logMembers() {
    for member in members {
      let endpoint = member.endpoint
      let index = "\(endpoint.interface.rawValue)"
      let padding = String(repeating: " ", count: max(3 - index.count, 0))
      let family = endpoint.family == .ipv4 ? "IPv4" : "IPv6"
      let receiver = member.socket?.receiverNumber ?? -1
      let sender = member.socket?.senderNumber ?? -1
      // Compatibility: the comma of unicast stands alone.
      let (cast, address) =
        switch endpoint.cast {
        case .multicast(let group): (" multicast", group)
        case .unicast(let source): (" , unicast", source)
        }
      log.detail(
        "VRRP sockpool: [ifindex(\(padding)\(index)), family(\(family)),"
          + " proto(\(endpoint.carrier.protocolNumber)),"
          + " fd(\(receiver),\(sender))\(cast), address(\(address))]")
    }
  }

  private func watch(_ member: Member, _ index: Int) {
    guard let socket = member.socket, member.watch == nil else { return }
    do throws(Errno) {
      member.watch = try loop.watch(socket.receiverNumber, self, token: index)
    } catch { log.error("Cannot watch a VRRP socket - \(error)") }
  }

  func ready(_ readiness: Readiness, token: Int) {
    guard members.indices.contains(token) else { return }
    let member = members[token]
    guard let socket = member.socket else { return }
    // A packet can make the MTU known anew, and with it another batch.
    let batch = batch
    let count: Int
    do throws(Errno) { count = try socket.receive(into: batch) } catch {
      log.info("recvmsg(\(socket.receiverNumber)) returned -1 (\(error))")
      return
    }
    // One batch a turn: timers are not kept waiting by a flood of packets.
    for index in 0..<count {
      batch.withDatagram(index) { span, envelope in
        if let whole = envelope.truncatedFrom {
          log.info(
            "recvmsg(\(socket.receiverNumber)) message truncated"
              + " from \(whole) to \(span.count) bytes"
          )
        } else if span.count > 0 {
          received(member, span, envelope)
        }
      }
    }
  }
}
