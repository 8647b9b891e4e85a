import Primitives

/// Priority and faults as trackers make them.
extension RouterStateMachine {
  /// What the trackings say now, without any effect but the messages of a start.
  mutating func evaluateTrackings(into effects: inout [Effect]) {
    countTrackings()
    effectivePriority = computedPriority
    for tracking in configuration.trackings where tracking.isFault {
      if tracking.tracker.kind == .bfd { continue }
      var status = 0
      if case .value(let value) = tracking.status { status = value }
      log(
        .faultOfTracker(tracking.tracker.kind, name: tracking.name, value: status),
        into: &effects)
    }
    if standingFaults.contains(.noSourceAddress) {
      log(.noAddressForInterface(configuration.family), into: &effects)
    }
  }

  /// Counts what is at fault and pending anew, so that no count can go astray.
  mutating func countTrackings() {
    var total = Int(configuration.priority.rawValue)
    var faults = standingFaults
    var pending = 0
    for tracking in configuration.trackings {
      total = total.addingReportingOverflow(tracking.contribution).partialValue
      if tracking.isPending { pending += 1 }
      guard tracking.isFault else { continue }
      switch tracking.tracker.kind {
      case .interface: faults.insert(.interfaceDown)
      case .baseInterface: faults.insert(.baseInterfaceDown)
      case .script, .file, .process, .bfd: faults.insert(.tracker)
      }
    }
    totalPriority = total
    pendingScripts = pending
    self.faults = faults
  }

  private var computedPriority: Priority {
    guard !configuration.isOwner else { return effectivePriority }
    let clamped = min(max(totalPriority, 1), 254)
    return Priority(rawValue: UInt8(clamped))
  }

  /// Takes the status of one tracked thing over. The caller compares `faults` before and after.
  mutating func track(
    _ tracker: TrackerID, _ status: TrackerStatus, at now: Instant,
    into effects: inout [Effect]
  ) {
    for index in configuration.trackings.indices
    where configuration.trackings[index].tracker == tracker {
      let wasFault = configuration.trackings[index].isFault
      configuration.trackings[index].status = status
      let tracking = configuration.trackings[index]
      countTrackings()
      if tracker.kind == .file && wasFault != tracking.isFault {
        log(
          .trackedFileFault(name: tracking.name, isFault: tracking.isFault), into: &effects)
        guard tracking.weight != 0 else { continue }
        if !tracking.isFault {
          shiftDownTimer(to: computedPriority)
          effectivePriority = computedPriority
          log(.trackedFilePriority(effectivePriority), into: &effects)
        }
      } else if tracking.weight != 0 {
        // What has no weight leaves alone the priority that a file kept when it became a fault.
        updatePriority(into: &effects)
      }
    }
  }

  /// The next advertisement carries it; none is sent for it.
  private mutating func updatePriority(into effects: inout [Effect]) {
    let new = computedPriority
    guard new != effectivePriority else { return }
    log(.priorityChanged(from: effectivePriority, to: new), into: &effects)
    shiftDownTimer(to: new)
    effectivePriority = new
    if configuration.notifyPriorityChanges {
      emit(.notifyPriority(isMaster: state == .master, new), into: &effects)
    }
  }

  /// Both the down timer and the skew time alone move by the change of the skew time.
  private mutating func shiftDownTimer(to new: Priority) {
    guard state == .backup, let deadline = timers[.election] else { return }
    timers[.election] = deadline + (skewTime(new) - skewTime(effectivePriority))
  }
}
