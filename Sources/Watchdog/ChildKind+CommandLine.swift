import Configuration
package import ProcessFrame

/// What the command line says of each kind of child.
extension ChildKind {
  func isEnabled(_ line: CommandLine) -> Bool {
    switch self {
    case .checker: line.runsChecker
    case .vrrp: line.runsVRRP
    case .bfd: line.runsBFD
    }
  }

  func pidFile(_ line: CommandLine) -> String? {
    switch self {
    case .checker: line.checkersPidFile
    case .vrrp: line.vrrpPidFile
    case .bfd: line.bfdPidFile
    }
  }

  func processName(_ names: GlobalDefinitions.ProcessNames) -> String? {
    traits.processName(names) ?? (names.areDistinct ? traits.distinctProcessName : nil)
  }
}

/// What a kind of child does, once it is a process of its own: its exit status.
package typealias ChildBody = (ChildContext) -> Int32
