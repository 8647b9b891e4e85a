import BFDProcess
import CheckerProcess
import SystemIO
import VRRPProcess
import Watchdog

/// The program: what each child does is given to the parent that starts them.
@main
struct Main {
  static func main() {
    let status = Watchdog.main(
      Swift.CommandLine.arguments,
      bodies: [
        .bfd: { BFDProcess.run($0) }, .checker: { CheckerProcess.run($0) },
        .vrrp: { VRRPProcess.run($0) },
      ])
    Processes.exit(status)
  }
}
