import Primitives
import Wire

/// Received packets of one session.
extension SessionStateMachine {
  /// What is wrong with a packet for this session, if anything.
  func complaint(
    _ packet: BFDControlPacket, _ metadata: ReceiveMetadata
  ) -> SessionTrace.Complaint? {
    // RFC 5881 5, RFC 5883 5: few hops, or else anyone could have sent it.
    // Compatibility: counted from the hop limit that we send with.
    if configuration.maxHops != 255, let hopLimit = metadata.hopLimit,
      Int(hopLimit) + Int(configuration.maxHops) < Int(configuration.hopLimit)
    {
      let least = Int(configuration.hopLimit) - Int(configuration.maxHops)
      return .hopLimit(hopLimit, least: least, configuration.neighbor.family)
    }
    // RFC 5880 6.8.6: discarded if no authentication is in use.
    if packet.flags.contains(.authenticationPresent) { return .authentication }
    if state == .adminDown { return .adminDown }
    return nil
  }

  /// A packet that passed all checks (RFC 5880 6.8.6).
  mutating func accept(
    _ packet: BFDControlPacket, at now: Instant, in environment: inout SessionEnvironment,
    into effects: inout [Effect]
  ) {
    statistics.packetsReceived &+= 1
    let before = parameters
    let oldInterval = transmitInterval
    let oldDetectionTime = detectionTime
    lastSeen = now
    isSilenceExcused = false
    remoteDiscriminator = packet.myDiscriminator
    remoteState = packet.state
    remoteDiagnostic = packet.diagnostic
    remoteMinRx = Microseconds(Int64(packet.requiredMinRxInterval))
    remoteMinTx = Microseconds(Int64(packet.desiredMinTxInterval))
    remoteMultiplier = packet.detectMultiplier
    isRemoteDemanding = packet.flags.contains(.demand)
    noteFlags(packet.flags)
    updateIntervals()
    if parameters.differs(from: before) {
      log(.parameters(parameters, isNew: true), into: &effects)
    }
    if detectionTime != oldDetectionTime {
      log(.detectionTime(detectionTime, was: oldDetectionTime), into: &effects)
    }
    let oldState = state
    react(at: now, in: &environment, into: &effects)
    if state != oldState { updateIntervals() }
    // RFC 5880 6.8.4: in Init too, or loss makes the neighbor, which may be up by then, flap.
    if state == .initialize || state == .up { timers[.detection] = now + detectionTime }
    if packet.flags.contains(.poll) { answerPoll(into: &effects) }
    adjustTransmission(since: oldInterval, at: now, in: &environment)
  }

  var parameters: SessionParameters {
    SessionParameters(
      localMinTx: desiredMinTx, localMinRx: configuration.minRx, localInterval: transmitInterval,
      localMultiplier: configuration.multiplier, localDetectionTime: detectionTime,
      remoteMinTx: remoteMinTx, remoteMinRx: remoteMinRx, remoteInterval: remoteTransmitInterval,
      remoteMultiplier: remoteMultiplier, remoteDetectionTime: remoteDetectionTime)
  }
}
