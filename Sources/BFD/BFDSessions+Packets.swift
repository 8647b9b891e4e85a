package import Primitives
import Wire

/// Received packets.
extension BFDSessions {
  /// Datagrams longer than this are discarded.
  package static let longestPacket = 32

  /// The payload of a datagram.
  @discardableResult
  package mutating func receive(
    _ packet: Span<UInt8>, from metadata: ReceiveMetadata, at now: Instant,
    into effects: inout [Effect]
  ) -> Reception {
    let header: BFDControlPacket
    do throws(SessionTrace.Rejection) {
      header = try Self.check(packet, metadata)
    } catch {
      return discard(error.complaint, metadata, nil, at: now, into: &effects)
    }
    guard let session = find(header, metadata) else {
      return discard(
        .noSession(header.yourDiscriminator), metadata, nil, at: now, into: &effects)
    }
    let index = session.rawValue
    if let complaint = sessions[index].complaint(header, metadata) {
      if complaint == .adminDown {
        sessions[index].retryOutput(at: now, into: &effects)
        sessions[index].publishDeadline(into: &effects)
      }
      return discard(complaint, metadata, session, at: now, into: &effects)
    }
    sessions[index].accept(header, at: now, in: &environment, into: &effects)
    sessions[index].publishDeadline(into: &effects)
    return .accepted(session)
  }

  /// What holds for every packet (RFC 5880 6.8.6), in the order of the reference.
  private static func check(
    _ packet: Span<UInt8>, _ metadata: ReceiveMetadata
  ) throws(SessionTrace.Rejection) -> BFDControlPacket {
    if metadata.isTruncated || packet.count > longestPacket {
      throw SessionTrace.Rejection(.truncated)
    }
    guard let header = try? BFDControlPacket(decoding: packet) else {
      throw SessionTrace.Rejection(.tooSmall(octets: packet.count))
    }
    if Int(header.announcedLength) != packet.count {
      throw SessionTrace.Rejection(
        .lengthMismatch(announced: header.announcedLength, octets: packet.count))
    }
    if header.versionNumber != BFDControlPacket.version {
      throw SessionTrace.Rejection(.version(header.versionNumber))
    }
    if header.detectMultiplier == 0 { throw SessionTrace.Rejection(.multiplierZero) }
    if header.flags.contains(.multipoint) { throw SessionTrace.Rejection(.multipoint) }
    if header.myDiscriminator == .none { throw SessionTrace.Rejection(.myDiscriminatorZero) }
    if header.yourDiscriminator == .none, header.state == .initialize || header.state == .up {
      throw SessionTrace.Rejection(.yourDiscriminatorZero)
    }
    if header.flags.isSuperset(of: [.poll, .final]) {
      throw SessionTrace.Rejection(.pollAndFinal)
    }
    if !header.diagnostic.isAssigned {
      throw SessionTrace.Rejection(.diagnostic(header.diagnostic.rawValue))
    }
    return header
  }

  /// By our discriminator alone, or by the addresses while the neighbor does not know it
  /// (RFC 5880 6.3, RFC 5881 3, RFC 5883 4.1).
  private func find(_ header: BFDControlPacket, _ metadata: ReceiveMetadata) -> SessionIndex? {
    if header.yourDiscriminator != .none { return environment.owners[header.yourDiscriminator] }
    let neighbor = Neighbor(address: metadata.source, isMultihop: metadata.isMultihop)
    return neighbors[neighbor]?.first { candidate in
      let source = sessions[candidate.rawValue].configuration.source
      return source == nil || source == metadata.destination
    }
  }

  private mutating func discard(
    _ complaint: SessionTrace.Complaint, _ metadata: ReceiveMetadata, _ session: SessionIndex?,
    at now: Instant, into effects: inout [Effect]
  ) -> Reception {
    let rule = complaint.rule
    discards[rule] &+= 1
    let suppressed: UInt64?
    if let session {
      sessions[session.rawValue].statistics.discards[rule] &+= 1
      suppressed = sessions[session.rawValue].complaintLimit.take(rule, at: now)
    } else {
      suppressed = complaintLimit.take(rule, at: now)
    }
    guard let suppressed else { return .discarded(rule) }
    func log(_ trace: SessionTrace) {
      effects.append(session.map { .session($0, .log(trace)) } ?? .process(.log(trace)))
    }
    if suppressed > 0 { log(.suppressed(suppressed, rule)) }
    log(.discarded(complaint, from: metadata.source, port: metadata.sourcePort))
    return .discarded(rule)
  }
}

extension SessionTrace {
  /// Ends the checks of a packet.
  fileprivate struct Rejection: Error {
    var complaint: Complaint
    init(_ complaint: Complaint) { self.complaint = complaint }
  }
}
