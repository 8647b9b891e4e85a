package import Primitives

/// What an announcement can be about.
package protocol AnnouncedSubject {
  /// What it can be in.
  associatedtype State: Hashable & Sendable
  /// Why it can be in that.
  associatedtype Reason: Hashable & Sendable
}

/// Something that has happened, for whoever tells the world of it.
package struct Announcement<Subject: AnnouncedSubject> {
  /// What it was.
  package enum Occasion: Hashable, Sendable {
    /// The state is another one.
    case transition
    /// The state is the same; it is told again as somebody asked for that.
    case confirmation
    /// The subject is gone, and nobody asked to be told so.
    case removal
    /// The priority is another one.
    case priorityChange
    /// Another router says that it is MASTER with a lower priority.
    case lowerPriority
  }

  package let subject: Subject
  package let occasion: Occasion
  /// Nil if it has just begun.
  package let oldState: Subject.State?
  package let state: Subject.State
  /// 0 where there is none.
  package let priority: UInt8
  package let reason: Subject.Reason?
  package let moment: Instant

  package init(
    _ subject: Subject, _ occasion: Occasion = .transition, from oldState: Subject.State?,
    to state: Subject.State, priority: UInt8 = 0, reason: Subject.Reason? = nil, at moment: Instant
  ) {
    self.subject = subject
    self.occasion = occasion
    self.oldState = oldState
    self.state = state
    self.priority = priority
    self.reason = reason
    self.moment = moment
  }
}

/// One way to tell the world: a script, a FIFO.
package protocol AnnouncementListener<Subject>: AnyObject {
  associatedtype Subject: AnnouncedSubject
  func hear(_ announcement: Announcement<Subject>)
}

/// Tells each listener, in their order. A new way to tell is a new listener, and nothing else.
package final class Announcer<Subject: AnnouncedSubject> {
  private let listeners: [any AnnouncementListener<Subject>]

  package init(_ listeners: [any AnnouncementListener<Subject>]) { self.listeners = listeners }

  package func announce(_ announcement: Announcement<Subject>) {
    for listener in listeners { listener.hear(announcement) }
  }
}
