import Configuration
import EventLoop
import Notification
import Primitives
import SystemIO
import VRRP

/// What became of routers and groups, for the listeners of `announcer`.
extension VRRPProcess {
  func announce(
    _ occasion: Announcement<VRRPSubject>.Occasion, _ state: NotifiedState, _ priority: Priority,
    of index: Int
  ) {
    let router = routers[index]
    announcer.announce(
      Announcement(
        .instance(router.instance), occasion, from: router.announcedState, to: state,
        priority: priority.rawValue, reason: reason(for: state, of: index), at: loop.now))
    if occasion == .transition { router.announcedState = state }
  }

  private func reason(for state: NotifiedState, of index: Int) -> VRRPSubject.Reason? {
    switch state {
    case .master: .master(core.routers[index].masterReason)
    case .fault: .fault(core.routers[index].faults)
    case .backup, .deleted, .stop: nil
    }
  }

  func announce(
    _ occasion: Announcement<VRRPSubject>.Occasion, _ state: NotifiedState, ofGroup index: Int
  ) {
    let group = groups[index]
    announcer.announce(
      Announcement(
        .group(group.definition), occasion, from: group.announcedState, to: state, at: loop.now))
    if occasion == .transition { group.announcedState = state }
  }
}
