import Configuration
import EventLoop
import IPVS
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO
import SystemTestSupport
import Testing

@testable import CheckerProcess

/// Writes down what is asked for, and refuses what it is told to refuse.
private final class FakeTables: MarkRequestPerformer {
  var performed: [[MarkRequest.Action]] = []
  var refusal: (MarkRequest) -> RequestFailure? = { _ in nil }

  func perform(_ requests: [MarkRequest]) throws(NFTablesChannel.Failure) {
    performed.append(requests.map(\.action))
    for (place, request) in requests.enumerated() {
      if let reason = refusal(request) {
        throw NFTablesChannel.Failure(place: place, reason: reason)
      }
    }
  }

  func take() -> [[MarkRequest.Action]] {
    defer { performed = [] }
    return performed
  }
}

@Suite("Writing to nftables")
struct MarkTableWriterTests {
  let directory: ScratchDirectory
  private let kernel = FakeTables()
  let loop: EventLoop
  let writer: MarkTableWriter

  init() throws {
    directory = try ScratchDirectory()
    loop = try EventLoop()
    writer = MarkTableWriter(kernel, loop: loop, log: directory.log())
  }

  func table(_ family: AddressFamily) -> MarkTable {
    MarkTable(
      MarkTable.Identity(name: "t", family: family),
      maps: [MarkTable.Map(transport: .tcp, elements: [])])
  }

  @Test("Each table is one transaction, asked for once; without tables nothing is asked")
  func once() {
    writer.write([])
    #expect(kernel.take() == [])
    writer.write([table(.ipv4), table(.ipv6)])
    #expect(kernel.take().map(\.count) == [6, 6])
    writer.write([table(.ipv4), table(.ipv6)])
    #expect(kernel.take() == [])
    writer.write([])
    #expect(kernel.take() == [[.makeTable, .deleteTable], [.makeTable, .deleteTable]])
    #expect(directory.logged == [])
  }

  @Test("What fails is told once, and tried until it succeeds; the other family works")
  func retry() {
    kernel.refusal = { request in
      guard request.table.family == .ipv4, case .makeChain = request.action else { return nil }
      return .notSupported
    }
    writer.write([table(.ipv4), table(.ipv6)])
    #expect(kernel.take().count == 2)
    writer.retry.timerFired(token: 0, at: Clock.now)
    #expect(kernel.take().count == 1)
    #expect(
      directory.logged == [
        "nftables NFT_MSG_NEWCHAIN ip t in priority -1 error: Operation not supported(95)"
      ])
    kernel.refusal = { _ in nil }
    writer.retry.timerFired(token: 0, at: Clock.now)
    #expect(kernel.take().map(\.count) == [6])
    #expect(directory.logged.last == "nftables holds all that is configured again")
    writer.retry.timerFired(token: 0, at: Clock.now)
    #expect(kernel.take() == [])
  }
}
