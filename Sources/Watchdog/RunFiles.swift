import Configuration
import ProcessFrame
import SystemIO

/// The pid files of a daemon and the directory they are in.
struct RunFiles {
  private static let root = "/run"
  private static let directory = "/run/keepalived"

  let parent: PidFile
  private let children: [ChildKind: PidFile]
  /// Where the files are, the outer one first.
  private var directories: [String] = []
  /// Those that were not there before.
  private var made: [String] = []
  private let namespaceMount: String?
  private var isMounted = false

  init(_ line: CommandLine, _ global: GlobalDefinitions) {
    let namespace = line.netNamespace ?? global.netNamespace
    let isOwnDirectory = global.usePidDir || global.instance != nil || namespace != nil
    let place = isOwnDirectory ? Self.directory : Self.root
    let suffix = global.instance.map { "_\($0)" } ?? ""
    func path(_ name: String) -> String { "\(place)/\(name)\(suffix).pid" }
    parent = PidFile(path: line.pidFile ?? path("keepalived"))
    children = Dictionary(
      uniqueKeysWithValues: ChildKind.allCases.map {
        ($0, PidFile(path: $0.pidFile(line) ?? path($0.traits.pidFileName)))
      })
    namespaceMount = namespace.map { "\(Self.directory)/\($0)" }
    if isOwnDirectory { directories = [Self.directory] + [namespaceMount].compactMap(\.self) }
  }

  subscript(kind: ChildKind) -> PidFile { children[kind] ?? parent }

  /// Makes the directory, in a namespace one of its own that is mounted over the common one.
  mutating func createDirectories() throws(Errno) {
    for directory in directories
    where try FileSystem.createDirectory(directory, mode: 0o755) {
      made.append(directory)
    }
    guard let mount = namespaceMount else { return }
    try Namespaces.mountPrivately(mount, over: Self.directory)
    isMounted = true
  }

  /// All that was made here, on every way out; no child may run any more. Other daemons may have
  /// files in a directory that was made here: then it stays.
  func remove() {
    for kind in ChildKind.allCases { self[kind].remove() }
    parent.remove()
    if isMounted { Namespaces.unmount(Self.directory) }
    for directory in made.reversed() { FileSystem.removeDirectory(directory) }
  }

  /// Locks the parent's file and those of the enabled children.
  func lock(_ line: CommandLine) throws(PidFile.Failure) {
    try parent.lock()
    for kind in ChildKind.allCases where kind.isEnabled(line) { try self[kind].lock() }
  }

  /// The marker of `reload_file` without a path.
  static func reloadFile(_ global: GlobalDefinitions) -> String {
    if let instance = global.instance { return "\(directory)/keepalived_\(instance).reload" }
    return global.usePidDir || global.netNamespace != nil
      ? "\(directory)/keepalived.reload" : "\(root)/keepalived.reload"
  }
}
