import Primitives
import ProcessFrame
import Testing

@testable import Watchdog

@Suite("Respawn delay")
struct RespawnDelayTests {
  @Test("It doubles from one second to one minute")
  func doubling() {
    var delay = RespawnDelay()
    let delays = (0..<10).map { _ in delay.next(after: .seconds(1)) }
    #expect(delays == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
  }

  @Test("A child that ran for a minute starts at once, and the next one anew")
  func steady() {
    var delay = RespawnDelay()
    for _ in 0..<5 { _ = delay.next(after: .zero) }
    #expect(delay.next(after: .seconds(60)) == nil)
    #expect(delay.next(after: .seconds(59)) == 0)
    #expect(delay.next(after: .zero) == 1)
  }
}

@Suite("Processor time in the log")
struct ProcessorTimeTests {
  @Test(
    "It has six decimals",
    arguments: [(0, "0.000000"), (1, "0.000001"), (1_500_000, "1.500000")] as [(Int64, String)])
  func seconds(count: Int64, text: String) {
    #expect(Microseconds(count).secondsText == text)
  }
}

@Suite("Kinds of children")
struct ChildKindTests {
  @Test("Each kind has names of its own")
  func names() {
    let kinds = ChildKind.allCases.map(\.traits)
    for names in [
      kinds.map(\.name), kinds.map(\.identity), kinds.map(\.shortName), kinds.map(\.pidFileName),
      kinds.map(\.logFileSuffix), kinds.map(\.title), kinds.map(\.keywordPrefix),
      kinds.map(\.distinctProcessName),
    ] {
      #expect(Set(names).count == kinds.count)
    }
  }

  @Test("-P, -C and -B each leave out what they should")
  func enabled() throws {
    func enabled(_ option: String) -> [ChildKind] {
      guard
        case .run(let line) = CommandLine.parse(
          ["keepalived", option], complain: { _ in }, mention: { _ in })
      else { return [] }
      return ChildKind.allCases.filter { $0.isEnabled(line) }
    }
    #expect(enabled("-P") == [.vrrp, .bfd])
    #expect(enabled("-C") == [.checker, .bfd])
    #expect(enabled("-B") == [.checker, .vrrp])
  }
}
