package import Primitives

/// `vrrp_script NAME { … }`.
package struct VRRPScript: Hashable, Sendable {
  package var name: String
  package var script: Script
  package var interval = Microseconds.seconds(1)
  /// The keyword's value, or `interval`.
  package var timeout = Microseconds.seconds(1)
  package var weight: Int16 = 0
  package var isReversed = false
  package var rise: UInt32 = 1
  package var fall: UInt32 = 1
  package var initFail = false

  package init(name: String, script: Script) {
    self.name = name
    self.script = script
  }
}

/// `track_file NAME { … }`.
package struct TrackFile: Hashable, Sendable {
  package var name: String
  package var file: String
  package var weight: Int16 = 1
  package var isReversed = false
  package var initFile: InitFile?

  /// What is written into the file at the first start.
  package struct InitFile: Hashable, Sendable {
    package var value: Int32 = 0
    package var overwrite = false

    package init() {}
  }

  package init(name: String, file: String) {
    self.name = name
    self.file = file
  }
}

/// `vrrp_track_process NAME { … }`.
package struct TrackProcess: Hashable, Sendable {
  package enum ParameterMatch: Hashable, Sendable { case none, exact, initial, partial }

  package var name: String
  package var process: String
  package var parameters: [String] = []
  package var paramMatch: ParameterMatch = .none
  /// Compare with argv[0] instead of the kernel's name of the process.
  package var fullCommand = false
  package var weight: Int16 = 0
  package var isReversed = false
  package var quorum: UInt32 = 1
  package var quorumMax: UInt32 = .max
  package var terminateDelay = Microseconds.zero
  package var forkDelay = Microseconds.zero

  package init(name: String, process: String) {
    self.name = name
    self.process = process
  }
}
