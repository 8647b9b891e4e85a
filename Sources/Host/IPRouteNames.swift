import SystemIO

/// The tables of names of iproute2.
package enum IPRouteNames {
  /// Their contents in the order in which they are searched.
  package static func files(_ file: String, etc: String?, usr: String?) -> [[UInt8]] {
    let etc = etc ?? "/etc/iproute2"
    let usr = usr ?? "/usr/share/iproute2"
    var paths: [String] = []
    if isRegular("\(etc)/\(file)") {
      paths.append("\(etc)/\(file)")
    } else if isRegular("\(usr)/\(file)") {
      paths.append("\(usr)/\(file)")
    }
    let own = fragments(in: "\(etc)/\(file).d")
    for name in fragments(in: "\(usr)/\(file).d") where !own.contains(name) {
      paths.append("\(usr)/\(file).d/\(name)")
    }
    paths += own.map { "\(etc)/\(file).d/\($0)" }
    return paths.compactMap { try? FileSystem.contents(of: $0, limit: 1 << 20) }
  }

  private static func isRegular(_ path: String) -> Bool {
    (try? FileSystem.status(path))?.kind == .regular
  }

  private static func fragments(in directory: String) -> [String] {
    let names = (try? FileSystem.names(in: directory)) ?? []
    return names.filter {
      $0.hasSuffix(".conf") && !$0.hasPrefix(".") && isRegular("\(directory)/\($0)")
    }
  }
}
