import SystemIO

/// What the program says of itself.
package enum Version {
  /// The version of keepalived whose behaviour this is; other programs compare it.
  static let compatible = "2.4.3"
  static let date = "11/22,2026"
  static let own = "0.1.0"

  /// As in the log lines of start and stop.
  package static let name = "Keepalived v\(compatible) (\(date))"

  static var text: String {
    let system = SystemName()
    let kernel = SystemName.kernelHeaders
    var lines = [
      "\(name), Swift implementation \(own)", "", "License: GPL-2.0-or-later", "",
      "Built with kernel headers for Linux \(kernel.0).\(kernel.1).\(kernel.2)",
      "Running on \(system.system) \(system.release) \(system.version)",
    ]
    if let distribution { lines.append("Distro: \(distribution)") }
    let features = ["LVS", "REGEX", "VRRP", "VRRP_AUTH", "BFD", "SYSTEMD_NOTIFY"]
    lines += [
      "", "Config options:  \(features.joined(separator: " "))", "",
      "System options:  LIBNL OPENSSL",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private static var distribution: String? {
    guard let bytes = try? FileSystem.contents(of: "/etc/os-release", limit: 65536) else {
      return nil
    }
    let key = "PRETTY_NAME="
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix(key)
    }
    return line.map { String($0.dropFirst(key.count).filter { $0 != "\"" }) }
  }
}

enum Usage {
  static func text(program: String) -> String {
    var text = "Usage: \(program) [OPTION...]\n"
    for option in Option.all where option.long != "config-fd" {
      let short = option.short.map { "-\($0), " } ?? "    "
      let long: String =
        switch option.argument {
        case .none: "--\(option.long)"
        case .required(let name): "--\(option.long)=\(name)"
        case .optional(let name): "--\(option.long)[=\(name)]"
        }
      let head = "  \(short)\(long)"
      let padding = String(repeating: " ", count: max(34 - head.count, 1))
      text += head + padding + option.help + "\n"
    }
    return text
  }
}
