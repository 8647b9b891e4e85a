import CommandLineOptions
package import Exchanges
package import Primitives

/// What the command line of genhash asks for.
package struct GenhashOptions: Hashable, Sendable {
  package var usesTLS = false
  package var usesSNI = false
  package var server: IPAddress?
  package var port: UInt16?
  package var url: String?
  package var virtualHost: String?
  package var isVerbose = false
  package var mark: UInt32 = 0
  package var version = HTTPRequest.Version.http10
  /// As good as none.
  package var timeout = Microseconds(4_294_967_295)

  package init() {}

  /// Whether it says what to fetch.
  package var isComplete: Bool { server != nil && port != nil && url != nil }
}

extension GenhashOptions {
  /// One option: how it is written, and what it does; with an argument, the complaint about a wrong
  /// one.
  struct Option: CommandLineOption, Sendable {
    enum Effect: Sendable {
      case flag(@Sendable (inout GenhashOptions) -> Void)
      case value(@Sendable (inout GenhashOptions, String) -> String?)
      case help
    }

    let short: Character?
    let long: String
    let effect: Effect

    var argumentRule: ArgumentRule {
      switch effect {
      case .value: .required
      case .flag, .help: .none
      }
    }
  }

  static let all = [
    Option(short: "S", long: "use-ssl", effect: .flag { $0.usesTLS = true }),
    Option(short: "I", long: "use-sni", effect: .flag { $0.usesSNI = true }),
    Option(short: "s", long: "server", effect: .value { $0.setServer($1) }),
    Option(short: "p", long: "port", effect: .value { $0.setPort($1) }),
    Option(
      short: "u", long: "url",
      effect: .value { options, text in
        options.url = text
        return nil
      }),
    Option(
      short: "V", long: "use-virtualhost",
      effect: .value { options, text in
        options.virtualHost = text
        return nil
      }),
    Option(short: "v", long: "verbose", effect: .flag { $0.isVerbose = true }),
    Option(short: "h", long: "help", effect: .help),
    Option(short: "m", long: "fwmark", effect: .value { $0.setMark($1) }),
    Option(short: "P", long: "protocol", effect: .value { $0.setVersion($1) }),
    Option(short: "t", long: "timeout", effect: .value { $0.setTimeout($1) }),
  ]

  private mutating func setServer(_ text: String) -> String? {
    // Compatibility: what would make a range or a network of it is dropped.
    let address = text.prefix { $0 != "/" && $0 != "-" }
    server = IPAddress(parsing: String(address))
    return server == nil ? "server should be an IP, not \(text)" : nil
  }

  private mutating func setPort(_ text: String) -> String? {
    port = UInt16(decimal: text).flatMap { $0 == 0 ? nil : $0 }
    return port == nil ? "invalid port number '\(text)'" : nil
  }

  private mutating func setMark(_ text: String) -> String? {
    guard let number = UInt32(decimal: text) else { return "invalid fwmark '\(text)'" }
    mark = number
    return nil
  }

  private mutating func setVersion(_ text: String) -> String? {
    switch text {
    case "1.0": version = .http10
    case "1.0c", "1.0C": version = .http10Close
    case "1.1": version = .http11
    default: return "invalid HTTP protocol version '\(text)'"
    }
    return nil
  }

  private mutating func setTimeout(_ text: String) -> String? {
    guard let seconds = UInt32(decimal: text), seconds <= 4294 else {
      return "invalid timeout '\(text)'"
    }
    timeout = .seconds(Int64(seconds))
    return nil
  }
}

extension FixedWidthInteger {
  /// Digits and nothing else.
  fileprivate init?(decimal text: String) {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    self.init(text)
  }
}
