// This target is genhash: it fetches one page as HTTP_GET and SSL_GET do, with the same
// `HTTPExchange`, and prints the digest that such a check compares.
//
// It knows neither the configuration nor what a check makes of an answer. `GenhashOptions` is its
// command line, `PageHash` the page on its way and what is printed of it, `HexDump` how octets are
// shown with `-v`. All that is printed, complaints too, is the reference's to the octet, but for
// what the list of differences says.
//
// It is a program of its own and what `keepalived --genhash` runs; the name in the usage is that of
// the program as it was called. Nothing of it goes to the log but faults of this machine.
import EventLoop
import Exchanges
import Logging
import Primitives
import SystemIO

/// genhash: fetches a page as HTTP_GET and SSL_GET do, and prints the digest of its body.
package enum Genhash {
  /// Whether a program of this name is genhash.
  package static func isName(_ program: String?) -> Bool {
    program?.split(separator: "/").last == "genhash"
  }

  /// The whole program; the exit status. The first word is the name to be shown.
  package static func run(_ arguments: [String]) -> Int32 {
    Processes.setName("genhash")
    let complain = { (text: String) in StandardStream.error.write(text + "\n") }
    let program = arguments.first ?? "genhash"
    guard let options = GenhashOptions.parse(Array(arguments.dropFirst()), complain: complain)
    else { return refuse(program) }
    do throws(Errno) {
      return try fetch(options, program)
    } catch {
      complain("\(error)")
      return 1
    }
  }

  private static func refuse(_ program: String) -> Int32 {
    StandardStream.error.write(GenhashUsage.text(program: program))
    return 1
  }

  private static func fetch(_ options: GenhashOptions, _ program: String) throws(Errno) -> Int32 {
    var logOptions = Log.Options()
    logOptions.facility = Log.Facility.user
    let log = Log(identity: "genhash", options: logOptions)
    let loop = try EventLoop()
    let environment = ExchangeEnvironment(loop: loop, log: log)
    if options.usesTLS && !environment.loadTLS(TLSIdentity()) {
      StandardStream.error.write("Cannot initialize SSL context.\n")
      return refuse(program)
    }
    if MessageDigest() == nil {
      StandardStream.error.write("OpenSSL, which has MD5, is not on this machine\n")
      return 1
    }
    let signals = try SignalWatch([Signal.interrupt, Signal.terminate], on: loop) { _ in
      loop.stop()
    }
    let page = PageHash(options, in: environment)
    page.begin()
    try loop.run()
    return withExtendedLifetime((signals, page)) { 0 }
  }
}

/// What is printed if the command line is wrong.
enum GenhashUsage {
  static func text(program: String) -> String {
    """
    Usage: \(program) COMMAND [OPTIONS]
    Commands:
       -s server-address -p port -u url
       -S -s server-address -p port -u url
       -h

    Options:
    Either long or short options are allowed.
       --use-ssl         -S       Use SSL connection to remote server.
       --use-sni         -I       Use SNI during SSL handshake (uses virtualhost setting; see -V).
       --server          -s       Use the specified remote server address.
       --port            -p       Use the specified remote server port.
       --url             -u       Use the specified remote server url.
       --use-virtualhost -V       Use the specified virtualhost in GET query.
       --verbose         -v       Use verbose mode output.
       --help            -h       Display this short inlined help screen.
       --fwmark          -m       Use the specified FW mark.
       --protocol        -P       Use the specified HTTP protocol - '1.0', 1.0c', '1.1'.
                                    1.0c means 1.0 with 'Connection: close'
       --timeout         -t       Timeout in seconds

    """
  }
}
