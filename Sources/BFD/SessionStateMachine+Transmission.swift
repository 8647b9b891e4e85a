package import Primitives
package import Wire

/// Intervals, poll sequences and packets.
extension SessionStateMachine {
  // MARK: Packets

  /// What is sent now (RFC 5880 6.8.7).
  package func packet(_ flags: BFDFlags) -> BFDControlPacket {
    BFDControlPacket(
      state: state, diagnostic: localDiagnostic, flags: flags,
      detectMultiplier: configuration.multiplier, myDiscriminator: localDiscriminator,
      yourDiscriminator: remoteDiscriminator,
      desiredMinTxInterval: UInt32(clamping: desiredMinTx.count),
      requiredMinRxInterval: UInt32(clamping: configuration.minRx.count))
  }

  /// bfd.DesiredMinTxInterval.
  package var desiredMinTx: Microseconds {
    state == .up ? configuration.minTx : configuration.idleTx
  }

  mutating func send(_ flags: BFDFlags, into effects: inout [Effect]) {
    guard hasOutput else { return }
    statistics.packetsSent &+= 1
    emit(.sendPacket(packet(flags)), into: &effects)
  }

  // MARK: Poll sequences (RFC 5880 6.5)

  mutating func startPoll(into effects: inout [Effect]) {
    isPollStale = poll != .none
    log(.startingPoll, into: &effects)
    poll = .polling
  }

  /// The answer to a poll, at once (RFC 5880 6.8.6). A poll of our own ends with it: a packet never
  /// has both bits, and our parameters are in it.
  mutating func answerPoll(into effects: inout [Effect]) {
    if poll == .polling { poll = .answered }
    send(.final, into: &effects)
  }

  /// Whether the packet shows that the neighbor knows our parameters.
  mutating func noteFlags(_ flags: BFDFlags) {
    switch poll {
    case .none: return
    case .polling where !flags.contains(.final): return
    case .answered where flags.contains(.poll): return
    case .polling, .answered: break
    }
    if isPollStale {
      isPollStale = false
      poll = .polling
    } else {
      endPoll()
    }
  }

  /// Our parameters are known to whom they concern.
  mutating func endPoll() {
    poll = .none
    isPollStale = false
    confirmedMinTx = configuration.minTx
    confirmedMinRx = configuration.minRx
  }

  // MARK: Intervals

  /// Intervals and detection time from what the last packet said (RFC 5880 6.8.3, 6.8.4).
  ///
  /// While a poll sequence runs, a longer interval is not used for sending and a shorter one not
  /// expected of the neighbor.
  mutating func updateIntervals() {
    let minTx = state == .up ? min(confirmedMinTx, configuration.minTx) : configuration.idleTx
    transmitInterval = max(minTx, remoteMinRx)
    let minRx = max(confirmedMinRx, configuration.minRx)
    remoteTransmitInterval = max(minRx, remoteMinTx)
    detectionTime = remoteTransmitInterval * Int64(remoteMultiplier)
    remoteDetectionTime = transmitInterval * Int64(configuration.multiplier)
  }

  /// Whether periodic packets go (RFC 5880 6.1, 6.6, 6.8.7).
  var sendsPeriodically: Bool {
    guard hasOutput else { return false }
    switch state {
    case .adminDown: return false
    case .down: return !configuration.isPassive
    case .initialize: return true
    case .up: return !isRemoteDemanding || remoteState != .up || poll == .polling
    }
  }

  /// Starts or stops periodic packets, and brings the next one forward if the interval has become
  /// shorter.
  mutating func adjustTransmission(
    since old: Microseconds? = nil, at now: Instant, in environment: inout SessionEnvironment
  ) {
    guard sendsPeriodically else {
      timers[.transmit] = nil
      return
    }
    let isShorter = old.map { transmitInterval < $0 } ?? false
    guard isShorter || timers[.transmit] == nil else { return }
    let next = now + environment.jittered(transmitInterval)
    timers[.transmit] = min(next, timers[.transmit] ?? .distantFuture)
  }
}
