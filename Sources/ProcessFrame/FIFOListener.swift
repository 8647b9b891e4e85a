package import Notification

/// Writes a line of each announcement to the FIFOs.
package final class FIFOListener<Subject: AnnouncedSubject>: AnnouncementListener {
  private let fifos: NotifyFIFOs
  private let line: (Announcement<Subject>) -> String

  /// `line` is what is written, with all that ends it.
  package init(_ fifos: NotifyFIFOs, line: @escaping (Announcement<Subject>) -> String) {
    self.fifos = fifos
    self.line = line
  }

  package func hear(_ announcement: Announcement<Subject>) { fifos.write(line(announcement)) }
}
