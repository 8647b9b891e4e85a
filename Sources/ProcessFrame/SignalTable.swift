import SystemIO

/// What each signal means to the parent and to the children. None is without a meaning: what is not
/// in the table is a stray one, and ends nobody.
package enum SignalTable {
  enum Meaning: Hashable {
    case reload
    case stop
    case dump(DumpRequest)
    case childEnded
    case processorTimeUsed
    /// This program has done what it must not: its end is the safe thing.
    case fault
    /// The kernel's alone.
    case unavoidable
    case stray
  }

  private static let rows: [Int32: Meaning] = {
    var rows: [Int32: Meaning] = [
      Signal.hangUp: .reload, Signal.terminate: .stop, Signal.interrupt: .stop,
      Signal.child: .childEnded, Signal.processorTime: .processorTimeUsed,
    ]
    for request in DumpRequest.allCases { rows[request.signal] = .dump(request) }
    for number in Signal.faults { rows[number] = .fault }
    for number in Signal.unavoidable { rows[number] = .unavoidable }
    return rows
  }()

  static func meaning(of number: Int32) -> Meaning { rows[number] ?? .stray }

  /// Those that a loop reads; they are blocked then. With `--ignore-sigint` nobody heeds SIGINT.
  static func read(heedsInterrupt: Bool) -> [Int32] {
    Signal.all.filter { number in
      switch meaning(of: number) {
      case .stop: number != Signal.interrupt || heedsInterrupt
      case .reload, .dump, .childEnded, .processorTimeUsed: true
      case .fault, .unavoidable, .stray: false
      }
    }
  }

  /// From now on a loop will hear of what asks for the end, which has to leave nothing behind.
  package static func holdStops() {
    Signal.block(Signal.all.filter { meaning(of: $0) == .stop })
  }

  /// At the start of the program, for the time until there is a loop: what asks for something is
  /// ignored, what asks for the end is heeded. A process that is started keeps it.
  package static func begin(heedsInterrupt: Bool) {
    for number in Signal.all {
      switch meaning(of: number) {
      case .stop where number != Signal.interrupt || heedsInterrupt: Signal.setDefault(number)
      case .stop, .reload, .dump, .processorTimeUsed, .stray: Signal.ignore(number)
      // Who ignores SIGCHLD, as the parent of a daemon may, cannot wait for children.
      case .childEnded, .fault: Signal.setDefault(number)
      case .unavoidable: break
      }
    }
  }
}
