import Primitives

// MARK: - Preemption, strictness, times

extension InstanceDraft {
  mutating func checkPreemption() {
    if instance.isOwner && instance.nopreempt {
      report("nopreempt is incompatible with priority 255. resetting nopreempt")
      instance.nopreempt = false
    }
    if instance.state == .master {
      if instance.nopreempt {
        report("Warning - nopreempt will not work with initial state MASTER - clearing")
        instance.nopreempt = false
      }
      if instance.preemptDelay > .zero {
        report("Warning - preempt delay will not work with initial state MASTER - clearing")
        instance.preemptDelay = .zero
      }
    }
    if instance.preemptDelay > .zero {
      if instance.strictMode {
        report("preempt_delay is incompatible with strict mode - resetting")
        instance.preemptDelay = .zero
      } else if instance.nopreempt {
        report("preempt_delay is incompatible with nopreempt mode - resetting")
        instance.preemptDelay = .zero
      }
    }
    if instance.strictMode && instance.downTimerAdverts != 3 {
      report("down_timer_adverts is incompatible with strict mode - resetting")
      instance.downTimerAdverts = 3
    }
    if instance.timerExpiredBackup != nil && !instance.nopreempt {
      // Compatibility: the reference turns the words of the keyword around.
      report("expired_timer_backup requires nopreempt - clearing")
      instance.timerExpiredBackup = nil
    }
  }

  mutating func checkStrictness() {
    let strict = instance.strictMode
    instance.accept = accept ?? (!strict || instance.isOwner)
    if strict && instance.accept && instance.version == .two && !instance.isOwner {
      report("warning - accept mode for VRRP version 2 does not comply with RFC3768 - resetting")
      instance.accept = false
    }
    let global = reading.global.vrrp
    instance.garp.lowerPrioRepeat = lowerPrioRepeat ?? global.garp.lowerPrioRepeat
    instance.garp.lowerPrioDelay = lowerPrioDelay ?? global.garp.lowerPrioDelay
    instance.lowerPrioNoAdvert = lowerPrioNoAdvert ?? global.lowerPrioNoAdvert
    instance.higherPrioSendAdvert = higherPrioSendAdvert ?? global.higherPrioSendAdvert
    guard strict else { return }
    if let lowerPrioRepeat, lowerPrioRepeat > 0 {
      report("Strict mode requires no repeat garps. resetting")
    }
    if let lowerPrioDelay, lowerPrioDelay > .zero {
      report("Strict mode requires no repeat garp delay. resetting")
    }
    if lowerPrioNoAdvert == false {
      report("Strict mode requires no lower priority advert. resetting")
    }
    if higherPrioSendAdvert == true {
      report("strict mode requires higher_prio_send_advert to be clear. resetting")
    }
    instance.garp.lowerPrioRepeat = 0
    instance.garp.lowerPrioDelay = .zero
    instance.lowerPrioNoAdvert = true
    instance.higherPrioSendAdvert = false
  }

  mutating func checkOwnerIgnoreAdverts() {
    guard instance.isOwner else {
      if ownerIgnoreAdverts == true {
        report("owner_ignore_adverts requires priority 255. resetting")
      }
      instance.ownerIgnoreAdverts = false
      return
    }
    if ownerIgnoreAdverts == false {
      // Compatibility: not limited to strict mode.
      report("strict_mode with priority 255 requires owner_ignore_adverts")
      instance.ownerIgnoreAdverts = true
    } else {
      instance.ownerIgnoreAdverts =
        ownerIgnoreAdverts ?? (instance.strictMode || reading.global.vrrp.ownerIgnoreAdverts)
    }
  }

  /// Whole seconds for version 2 (RFC 3768 5.3.7), hundredths for version 3 (RFC 5798 5.2.7).
  mutating func roundAdvertInterval() {
    let interval = instance.advertInt
    switch instance.version {
    case .two:
      let rounded = max(.seconds(1), Microseconds.seconds((interval.count + 500_000) / 1_000_000))
      if rounded != interval {
        report(
          "VRRPv2 advertisement interval \(interval.secondsText)s must be an integer. rounding")
        instance.advertInt = rounded
      }
    case .three:
      let limit = Microseconds.centiseconds(4095)
      if interval > limit {
        let text = interval.secondsText.dropLast(4)
        report(
          "VRRPv3 advertisement interval \(text)s is out of range. Must be less than 40.96s."
            + " Setting to 40.95s")
        instance.advertInt = limit
        return
      }
      let hundredths = max(1, (interval.count + 5000) / 10_000)
      let rounded = Microseconds.centiseconds(hundredths)
      if rounded != interval {
        report(
          "VRRPv3 advertisement interval \(interval.secondsText)s must be in units of 10ms"
            + " - rounding")
        instance.advertInt = rounded
      }
    }
  }

  /// A link that comes and goes must be noticed before the others take over.
  func limitDelays() {
    let name = instance.interface
    for index in reading.vrrp.upDownDelays.indices
    where reading.vrrp.upDownDelays[index].interface == name {
      var delay = reading.vrrp.upDownDelays[index]
      let adverts = Int64(instance.downTimerAdverts)
      let limit = instance.advertInt * (adverts - 1) - instance.advertInt / 256
      if adverts == 1 {
        note("down_timer_adverts is 1 - ignoring up/down delays of \(delay.interface)")
        delay.down = .zero
        delay.up = .zero
      } else if delay.down > limit || delay.up > limit {
        note(
          "up/down delays of \(delay.interface) are limited to \(limit.shortSecondsText) seconds")
        delay.down = min(delay.down, limit)
        delay.up = min(delay.up, limit)
      }
      reading.vrrp.upDownDelays[index] = delay
    }
  }
}
