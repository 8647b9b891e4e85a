package import Configuration
package import Introspection
package import Logging
import SystemIO

/// The file that a process writes its data into on a signal.
package enum DumpFile {
  /// Which process writes it.
  package enum Writer: String, Sendable {
    case parent = "_parent"
    case bfd = "_bfd"
  }

  /// Where it goes: `state_dump_file` gives directory and name, the suffix of the process and, if
  /// wanted, of namespace and instance come before the extension.
  package static func path(
    _ writer: Writer, _ global: GlobalDefinitions, temporaryDirectory: String
  ) -> String {
    var directory = temporaryDirectory
    var name = "keepalived.data"
    if let template = global.dumps.stateDumpFile {
      let slash = template.lastIndex(of: "/")
      let last = slash.map { String(template[template.index(after: $0)...]) } ?? template
      if template.hasPrefix("/"), let slash {
        directory = slash == template.startIndex ? "/" : String(template[..<slash])
      }
      if !last.isEmpty { name = last }
    }
    let dot = name.lastIndex(of: ".") ?? name.endIndex
    var base = name[..<dot] + writer.rawValue
    if global.dumps.dataUseInstance {
      let parts = [global.netNamespace, global.instance].compactMap(\.self)
      if !parts.isEmpty { base += "." + parts.joined(separator: "_") }
    }
    return "\(directory == "/" ? "" : directory)/\(base)\(name[dot...])"
  }

  /// Puts the text in place of what was there, at once: no reader sees half of it, no link is
  /// followed.
  package static func write(_ dump: DumpText, to path: String, log: Log) {
    do throws(Errno) {
      try FileSystem.replace(path, with: Array(dump.text.utf8), mode: 0o666)
    } catch {
      log.info("Can't open dump file \(path) (\(error.rawValue): \(error))")
    }
  }
}

/// `TMPDIR` if it is a directory.
package enum TemporaryDirectory {
  package static var path: String {
    guard let path = Environment["TMPDIR"], path.hasPrefix("/"),
      (try? FileSystem.status(path))?.kind == .directory
    else { return "/tmp" }
    return path
  }
}
