import Genhash
import SystemIO

/// genhash as a program of its own.
@main
struct Main {
  static func main() { Processes.exit(Genhash.run(Swift.CommandLine.arguments)) }
}
