import BFD
import ProcessFrame
import Configuration
import EventLoop
import Logging
import Primitives
import SystemIO
import Wire

/// Carries out what the core decided, in order.
extension BFDProcess {
  func perform() {
    effects.perform { effect in
      switch effect {
      case .session(let index, let effect): perform(effect, session: index.rawValue)
      case .process(.log(let trace)): write(trace, name: "")
      }
    }
  }

  private func perform(_ effect: SessionEffect, session index: Int) {
    guard core.sessions.indices.contains(index) else { return }
    let configuration = core.sessions[index].configuration
    switch effect {
    case .sendPacket(let packet): send(packet, of: index, configuration)
    case .openOutput: openOutput(of: index, configuration)
    case .keepOutput(let old): keepOutput(old.rawValue, of: index)
    case .report(let state): report(state == .up, of: configuration)
    case .deadline(let deadline):
      if let deadline { loop.arm(timers[index], at: deadline) } else { loop.disarm(timers[index]) }
    case .log(let trace): write(trace, name: configuration.name)
    }
  }

  private func write(_ trace: SessionTrace, name: String) {
    let isWanted =
      switch trace.level {
      case .normal: true
      case .detail: log.options.detail > 0
      case .fineDetail: log.options.detail > 1
      }
    guard isWanted else { return }
    let level: Log.Level =
      switch trace.severity {
      case .error: .error
      case .warning: .warning
      case .info: .info
      }
    for line in trace.lines(name) { log.write(level) { line } }
  }

  // MARK: Output

  private func openOutput(of index: Int, _ configuration: SessionConfiguration) {
    outputs[index] = nil
    do throws(Errno) {
      var random = SystemRandomNumberGenerator()
      outputs[index] = FileDescriptorBox(
        try BFDSocket.sender(
          to: configuration.neighbor, from: configuration.source,
          hopLimit: configuration.hopLimit, random: { random.next() }))
      answer(.outputOpened, index)
    } catch {
      log.error("(\(configuration.name)) output socket: \(error)")
      answer(.outputFailed, index)
    }
  }

  private func keepOutput(_ old: Int, of index: Int) {
    guard oldOutputs.indices.contains(old), let kept = oldOutputs[old] else {
      openOutput(of: index, core.sessions[index].configuration)
      return
    }
    outputs[index] = kept
    let hopLimit = core.sessions[index].configuration.hopLimit
    let family = core.sessions[index].configuration.neighbor.family
    try? BFDSocket.setHopLimit(hopLimit, family, on: kept.descriptor)
    answer(.outputOpened, index)
  }

  private func send(
    _ packet: BFDControlPacket, of index: Int, _ configuration: SessionConfiguration
  ) {
    guard let output = outputs[index] else { return }
    var bytes = [24 of UInt8](repeating: 0)
    var span = bytes.mutableSpan
    packet.encode(into: &span)
    do throws(Errno) {
      try output.descriptor.send(
        bytes.span, to: configuration.neighbor, port: configuration.port)
      if core.sessions[index].hasSendError { answer(.sendSucceeded, index) }
    } catch {
      if !core.sessions[index].hasSendError { log.info("sendto() error (\(error))") }
      answer(.sendFailed, index)
    }
  }

  private func answer(_ event: Event, _ index: Int) {
    core.handle(
      event, session: SessionIndex(rawValue: index), at: Clock.now, into: &effects.pending)
  }

  // MARK: Reports

  func report(_ isUp: Bool, of configuration: SessionConfiguration) {
    let record = SessionRecord(name: configuration.name, isUp: isUp, sentAt: Clock.now).encoded
    let presence = context.configuration.presence
    let targets: [(String, Pipe, Bool)] = [
      ("vrrp", context.sessions.vrrp, configuration.reportsToVRRP && presence.vrrp),
      ("checker", context.sessions.checker, configuration.reportsToChecker && presence.checker),
    ]
    for (name, pipe, isWanted) in targets where isWanted {
      do throws(Errno) { try pipe.writing.write(record) } catch {
        log.detail("(\(configuration.name)) \(name) pipe write() error (\(error))")
      }
    }
  }
}
