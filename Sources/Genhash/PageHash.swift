import EventLoop
import Exchanges
import Logging
import Primitives
import SystemIO

/// One page on its way: what is printed of it, and when.
final class PageHash: HTTPObserver {
  private let options: GenhashOptions
  private let environment: ExchangeEnvironment
  private var exchange: HTTPExchange?
  private let begun = Clock.now
  /// How long a fault of this machine is waited out.
  private static let pause = Microseconds.seconds(1)

  init(_ options: GenhashOptions, in environment: ExchangeEnvironment) {
    self.options = options
    self.environment = environment
    let exchange = HTTPExchange(in: environment) { [unowned self] outcome in ended(outcome) }
    if options.isVerbose { exchange.observer = self }
    self.exchange = exchange
  }

  func begin() {
    guard let server = options.server, let port = options.port, let url = options.url else {
      return
    }
    let host = options.virtualHost ?? HTTPRequest.host(server, port: port)
    var plan = HTTPExchange.Plan(
      target: ClientSocket(.stream, to: server, port: port, mark: options.mark),
      request: HTTPRequest(path: url, host: host, version: options.version),
      timeout: options.timeout)
    plan.wantsDigest = true
    if let context = environment.tls {
      var tls = HTTPExchange.TLS(context)
      tls.serverName = options.usesSNI ? options.virtualHost : nil
      plan.tls = tls
    }
    exchange?.begin(plan)
  }

  // MARK: The end

  private func show(_ answer: HTTPAnswer) {
    let digest = answer.digest ?? []
    let text = digest.map(HexDump.hexadecimal).joined()
    if options.isVerbose {
      write("\n" + Banner.digest + HexDump.text(digest.span) + Banner.result)
    }
    if answer.head == nil {
      StandardStream.error.write("no data received from remote webserver\n")
    } else {
      write(text + "\n")
    }
  }

  /// Compatibility: the reason why a page ends early in TLS is not shown.
  private func ended(_ outcome: HTTPExchange.Outcome) {
    switch outcome {
    case .answered(let answer): show(answer)
    case .failed(let failure): write(failure.rawValue + "\n")
    case .postponed(let reason):
      environment.log.info(reason)
      environment.loop.after(Self.pause) { [weak self] in self?.begin() }
      return
    }
    if options.isVerbose {
      let time = (Clock.now - begun).count
      write("\nGlobal response time for [\(options.url ?? "")] = \(time) usecs\n")
    }
    environment.loop.stop()
  }

  // MARK: On the way

  func headGrew() { write(Banner.head) }

  func headEnded(_ head: Span<UInt8>) {
    write(HexDump.text(head) + Banner.headText)
    StandardStream.output.write(head.indices.map { head[$0] } + [UInt8(ascii: "\n")])
  }

  func bodyGrew(_ body: Span<UInt8>, withHead: Bool) {
    write((withHead ? Banner.body : "") + HexDump.text(body))
  }

  private func write(_ text: String) { StandardStream.output.write(text) }
}

private enum Banner {
  static let head = line("    HTTP Header Buffer    ")
  static let headText = line(" HTTP Header Ascii Buffer ")
  static let body = line("        HTML Buffer        ")
  static let digest = line("    HTML hash resulting    ")
  static let result = line(" HTML hash final resulting ")

  private static func line(_ title: String) -> String {
    let edge = String(repeating: "-", count: 23)
    return "\(edge)[\(title)]\(edge)\n"
  }
}
