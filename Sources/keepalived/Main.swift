import BFDProcess
import SystemIO
import VRRPProcess
import Watchdog

@main
struct Main {
  static func main() {
    let status = Watchdog.main(
      Swift.CommandLine.arguments, bodies: [.bfd: { BFDProcess.run($0) }, .vrrp: { VRRPProcess.run($0) }])
    Processes.exit(status)
  }
}
