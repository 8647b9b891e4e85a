import BFDProcess
import CheckerProcess
import Genhash
import ProcessFrame
import SystemIO
import VRRPProcess
import Watchdog

/// The program: what each child does is given to the parent that starts them.
@main
struct Main {
  static func main() {
    let arguments = Swift.CommandLine.arguments
    if Genhash.isName(arguments.first) { Processes.exit(Genhash.run(arguments)) }
    let status = Watchdog.main(
      arguments,
      bodies: [
        .bfd: { BFDProcess.run($0) }, .checker: { CheckerProcess.run($0) },
        .vrrp: { VRRPProcess.run($0) },
      ],
      genhash: { Genhash.run($0) })
    Processes.exit(status)
  }
}
