import SystemIO
import Testing

@testable import ProcessFrame

@Suite("Signals")
struct SignalTableTests {
  @Test("Each signal has one meaning, the real-time ones too")
  func meanings() {
    #expect(Signal.all == 1...64)
    let expected: [Int32: SignalTable.Meaning] = [
      1: .reload, 2: .stop, 15: .stop, 10: .dump(.data), 12: .dump(.statistics),
      63: .dump(.clearStatistics), 36: .dump(.json), 17: .childEnded, 24: .processorTimeUsed,
      4: .fault, 7: .fault, 8: .fault, 11: .fault, 9: .unavoidable, 19: .unavoidable,
    ]
    for number in Signal.all {
      #expect(SignalTable.meaning(of: number) == expected[number] ?? .stray, "\(number)")
    }
  }

  @Test("What is read is what asks for something; with --ignore-sigint SIGINT is not")
  func read() {
    #expect(SignalTable.read(heedsInterrupt: true) == [1, 2, 10, 12, 15, 17, 24, 36, 63])
    #expect(SignalTable.read(heedsInterrupt: false) == [1, 10, 12, 15, 17, 24, 36, 63])
  }

  /// In a process of its own, as dispositions belong to all threads.
  @Test("Before there is a loop only the end and faults are heeded", arguments: [true, false])
  func beginning(heedsInterrupt: Bool) async {
    await #expect(processExitsWith: .success) { [heedsInterrupt] in
      // As a parent may leave it to its child.
      for number in [SignalNumbers.child, SignalNumbers.fault] { Signal.ignore(number) }
      SignalTable.begin(heedsInterrupt: heedsInterrupt)
      var heeded: Set<Int32> = [4, 7, 8, 9, 11, 15, 17, 19]
      if heedsInterrupt { heeded.insert(2) }
      guard try SignalNumbers.ignored() == Set(Signal.all).subtracting(heeded) else {
        Processes.exit(1)
      }
      Processes.exit(0)
    }
  }
}

private enum SignalNumbers {
  static let child: Int32 = 17
  static let fault: Int32 = 11

  /// As the kernel tells them.
  static func ignored() throws -> Set<Int32> {
    let status = try FileSystem.contents(of: "/proc/self/status")
    let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("SigIgn:")
    }
    let mask = try #require(line.flatMap { UInt64($0.dropFirst(8), radix: 16) })
    return Set(Signal.all.filter { mask >> UInt64($0 - 1) & 1 == 1 })
  }
}
