import CLinux
import Primitives
import SystemIO
import SystemTestSupport

/// `openssl s_server` with a certificate of its own; each file in its directory is a whole answer.
final class OpenSSLServer {
  static let program = "/usr/bin/openssl"
  static let isInstalled = (try? FileSystem.status(program)) != nil

  let directory: ScratchDirectory
  let port: UInt16
  private let process: Int32

  /// Ready to be connected to. `options` come behind the usual ones.
  init(_ options: String = "", answers: [String: String]) throws {
    directory = try ScratchDirectory()
    port = try ScriptedServer.closedPort()
    for (name, text) in answers { try directory.write(name, text) }
    let make = "\(Self.program) req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    let path = try directory.script(
      "start",
      """
      cd "${0%/*}"
      \(make) -nodes -keyout key.pem -out cert.pem -subj /CN=test -days 2
      \(make) -passout pass:secret -keyout locked.pem -out other.pem -subj /CN=client -days 2
      exec \(Self.program) s_server -accept 127.0.0.1:\(port) -cert cert.pem -key key.pem -HTTP \
        -quiet \(options)
      """)
    process = try Program.at(path).start(limits: OriginalLimits()).process
    let port = port
    if !eventually({ Self.isListening(port) }) { throw Errno.noEntry }
  }

  deinit {
    try? Signal.send(Signal.kill, to: -process)
    _ = end(of: process)
  }

  /// Looks without connecting: the server serves one after the other.
  private static func isListening(_ port: UInt16) -> Bool {
    let text = (try? FileSystem.contents(of: "/proc/net/tcp")) ?? []
    let digits = String(port, radix: 16, uppercase: true)
    let wanted =
      "0100007F:\(String(repeating: "0", count: 4 - digits.count))\(digits) 00000000:0000 0A"
    return String(decoding: text, as: UTF8.self).contains(wanted)
  }
}
