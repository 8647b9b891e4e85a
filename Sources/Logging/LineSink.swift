import Primitives
import SystemIO

/// Where lines go as a stream: the console, or a file. Nobody waits for it.
///
/// What it does not take is held back, up to a bound, and offered again; what comes beyond that is
/// lost and counted, and told as soon as there is room. A regular file cannot refuse a write, only
/// take its time: after a slow one the file is left alone for a while, so that the process spends
/// no more than a tenth of its time on it.
final class LineSink {
  private let open: () -> UnwaitedOutput?
  /// The line that says how many were lost.
  private let lossLine: (Int) -> String
  private var output: UnwaitedOutput?
  /// The second in which it need not be opened again.
  private var closedSecond: Int64?
  /// Whole lines, but for the first one, of which a part may be written.
  private var heldBack: [UInt8] = []
  private var lost = 0
  private var isCollecting = false
  private var rest = Rest()
  /// Whether it refused the last write, or rests: there is something to be tried again.
  private(set) var isStuck = false

  private static let heldBackAtMost = 262_144
  private static let collectedAtMost = 16_384

  init(open: @escaping () -> UnwaitedOutput?, lossLine: @escaping (Int) -> String) {
    self.open = open
    self.lossLine = lossLine
  }

  /// Takes a line, with its end.
  func append(_ line: String) {
    if lost > 0 { tellLoss() }
    guard lost == 0, heldBack.count + line.utf8.count <= Self.heldBackAtMost else {
      lost += 1
      return
    }
    heldBack.append(contentsOf: line.utf8)
    if !isCollecting || heldBack.count >= Self.collectedAtMost { flush() }
  }

  /// Until `flush`, lines are gathered for few writes.
  func collect() { isCollecting = true }

  /// Writes what is taken now; whether that was anything.
  @discardableResult
  func flush() -> Bool {
    isCollecting = false
    let before = heldBack.count
    writeHeldBack()
    if heldBack.isEmpty && lost > 0 && !isStuck { tellLoss() }
    return heldBack.count < before
  }

  /// As `flush`, waiting for a reader that is there, `limit` long at most.
  func drain(_ limit: Microseconds) {
    let end = Clock.now + limit
    flush()
    while isStuck, output?.canRefuse ?? false, Clock.now < end, let output {
      if output.isReady(within: 20) { flush() }
    }
  }

  private func tellLoss() {
    writeHeldBack()
    guard heldBack.isEmpty, !isStuck else { return }
    let line = Array(lossLine(lost).utf8)
    guard let taken = write(line[...]) else { return }
    lost = 0
    heldBack.append(contentsOf: line.dropFirst(taken))
  }

  private func writeHeldBack() {
    isStuck = false
    while !heldBack.isEmpty {
      guard let taken = write(nextPiece) else {
        if !isStuck { loseHeldBack() }
        return
      }
      heldBack.removeFirst(taken)
    }
  }

  /// As many whole lines as a pipe takes at once: lines of several processes do not mix.
  private var nextPiece: ArraySlice<UInt8> {
    guard output?.canRefuse ?? true, heldBack.count > UnwaitedOutput.wholeWrite else {
      return heldBack[...]
    }
    let piece = heldBack.prefix(UnwaitedOutput.wholeWrite)
    return piece.lastIndex(of: UInt8(ascii: "\n")).map { piece[...$0] } ?? piece
  }

  /// What nobody will take, since the other end is gone or the disk is full.
  private func loseHeldBack() {
    lost += heldBack.count { $0 == UInt8(ascii: "\n") }
    heldBack.removeAll(keepingCapacity: true)
  }

  /// Nil if nothing was taken; `isStuck` says whether it may be some other time.
  private func write(_ octets: ArraySlice<UInt8>) -> Int? {
    let began = Clock.now
    isStuck = rest.lasts(at: began)
    if isStuck { return nil }
    guard let output = opened() else { return nil }
    do throws(Errno) {
      let taken = try output.write(octets)
      if !output.canRefuse { rest.begin(afterWriteFrom: began, to: Clock.now) }
      return taken > 0 ? taken : nil
    } catch {
      isStuck = error == .again
      return nil
    }
  }

  private func opened() -> UnwaitedOutput? {
    if let output { return output }
    let second = Clock.now.microseconds / 1_000_000
    if closedSecond == second { return nil }
    output = open()
    closedSecond = output == nil ? second : nil
    return output
  }
}

/// How long a file that is slow to take lines is left alone.
struct Rest {
  private var end: Instant?

  private static let slow = Microseconds.milliseconds(100)
  private static let longest = Microseconds.seconds(60)

  func lasts(at now: Instant) -> Bool { end.map { now < $0 } ?? false }

  mutating func begin(afterWriteFrom began: Instant, to ended: Instant) {
    let duration = ended - began
    end = duration < Self.slow ? nil : ended + min(duration * 10, Self.longest)
  }
}
