import Configuration
import Notification
import Primitives
import Testing
import VRRP

@testable import VRRPProcess

@Suite("What is announced")
struct AnnouncementTests {
  let group = VRRPSubject.group(VRRPSyncGroup(name: "G"))

  func announcement(
    _ occasion: Announcement<VRRPSubject>.Occasion, _ state: NotifiedState, priority: UInt8 = 100
  ) -> Announcement<VRRPSubject> {
    Announcement(group, occasion, from: .backup, to: state, priority: priority, at: .zero)
  }

  @Test("Each occasion has its FIFO line")
  func lines() {
    #expect(announcement(.transition, .master).fifoLine == "GROUP \"G\" MASTER 100\n")
    #expect(announcement(.confirmation, .backup).fifoLine == "GROUP \"G\" BACKUP 100\n")
    #expect(announcement(.removal, .fault).fifoLine == "GROUP \"G\" FAULT 100\n")
    #expect(announcement(.priorityChange, .master).fifoLine == "GROUP \"G\" MASTER_PRIORITY 100\n")
    #expect(announcement(.priorityChange, .backup).fifoLine == "GROUP \"G\" BACKUP_PRIORITY 100\n")
    #expect(
      announcement(.lowerPriority, .master).fifoLine == "GROUP \"G\" MASTER_RX_LOWER_PRI 100\n")
  }

  private final class Recorder: AnnouncementListener {
    let name: String
    let heard: (String) -> Void

    init(_ name: String, _ heard: @escaping (String) -> Void) {
      self.name = name
      self.heard = heard
    }

    func hear(_ announcement: Announcement<VRRPSubject>) {
      heard("\(name): \(announcement.state.word)")
    }
  }

  @Test("Listeners are told in their order")
  func order() {
    var heard: [String] = []
    let announcer = Announcer<VRRPSubject>([
      Recorder("first") { heard.append($0) }, Recorder("second") { heard.append($0) },
    ])
    announcer.announce(announcement(.transition, .master))
    announcer.announce(announcement(.transition, .stop))
    #expect(heard == ["first: MASTER", "second: MASTER", "first: STOP", "second: STOP"])
  }
}
