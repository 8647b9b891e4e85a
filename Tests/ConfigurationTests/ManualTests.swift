import Configuration
import Foundation
import Testing

@Suite("The manual")
struct ManualTests {
  private static let page = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("doc/keepalived.conf.5")

  /// `UPDATE_EXPECTED=1 swift test --filter ManualTests` writes the page anew.
  @Test("The page of the manual says what the keyword tables say")
  func page() throws {
    if ProcessInfo.processInfo.environment["UPDATE_EXPECTED"] != nil {
      try Configuration.manualPage.write(to: Self.page, atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOf: Self.page, encoding: .utf8)
    #expect(written == Configuration.manualPage)
  }

  @Test("Each keyword is described, and no line is a request by accident")
  func entries() {
    let lines = Configuration.manualPage.split(separator: "\n")
    let requests = Set(lines.filter { $0.hasPrefix(".") }.map { $0.split(separator: " ")[0] })
    #expect(requests == [".\\\"", ".TH", ".SH", ".PP", ".B", ".TP"])
    #expect(lines.filter { $0 == ".TP" }.count == Configuration.keywordReference.count)
  }
}
