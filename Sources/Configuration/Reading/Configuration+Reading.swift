package import ConfigurationSyntax
import Primitives

/// What came of reading a configuration.
package struct ReadingOutcome: Sendable {
  /// Only to be used if there is no refusal.
  package var configuration: Configuration
  /// Everything that was found, each fault once, in the order of the passes.
  package var diagnostics: [Diagnostic]
  /// The exit status of `-t`.
  package var testExitStatus: Int32
  /// Why a daemon must not run with it; empty if it may. Its exit status is that of the first.
  package var refusals: [Refusal]

  /// What a daemon ends with instead of running; nil if it may run.
  package var startExitStatus: Int32? { refusals.first?.exitStatus }
}

extension Configuration {
  /// Reads and validates a configuration as all processes do: the parent, the checker, the VRRP and
  /// the BFD process, in this order.
  ///
  /// It reads files and looks at the machine only through `files` and `host`.
  package static func read(
    files: any ConfigurationFiles, host: any ConfigurationHost, options: ReadingOptions
  ) -> ReadingOutcome {
    let context = ReadingContext(strictness: options.strictness)
    for fault in options.faults { context.report(fault) }
    let reading = Reading(host: host, options: options, context: context)
    reading.global.snmp.socket = options.overrides.snmpSocket
    let source = ConfigurationReading(
      Array(options.path.utf8), files: files,
      configID: options.configID.map { Array($0.utf8) },
      checks: options.allConfig ? .all : [], context: context)
    reading.readAllViews(source)
    return reading.outcome(source)
  }
}

extension Reading {
  /// Reads for one process after the other; false if something ended it early.
  @discardableResult
  fileprivate func readAllViews(_ source: ConfigurationReading) -> Bool {
    guard read(source, as: .parent) else { return false }
    completeGlobals()
    if context.highestClass == .include || !source.foundFile {
      refusals.append(Refusal(.parent, .include))
      return false
    }
    if let namespace = global.netNamespace, !host.hasNetworkNamespace(namespace) {
      // Compatibility: what the other processes would say is not known, and -t is content.
      report(.message, "Unable to set network namespace \(namespace) - exiting")
      refusals.append(Refusal(.parent, .missingNamespace))
      return false
    }
    checkParentScripts()
    let views = viewsToRead
    for view in ReadingView.children {
      if views.contains(view), !read(source, as: view) {
        // `-t` ends there. Of a daemon only the process that reads it does, if there is one.
        if options.strictness == .test { return false }
        continue
      }
      switch view {
      case .checker: completeLVS()
      case .vrrp: completeVRRP()
      case .parent, .bfd: break
      }
    }
    return true
  }

  /// A text that holds nothing for a process need not be read for it once more, unless something is
  /// wrong: then each reading may see another structure. One of them reads in any case, for what
  /// the parent does not look at.
  private var viewsToRead: Set<ReadingView> {
    let all = Set(ReadingView.children)
    guard context.highestClass <= .message else { return all }
    let concerned = all.filter { view in
      RootKeywords.table(for: view).rows.contains { rootKeywords.contains($0.name) }
    }
    return concerned.isEmpty ? [.vrrp] : concerned
  }

  private func read(_ source: ConfigurationReading, as view: ReadingView) -> Bool {
    var tree = self
    do throws(ReadingStop) {
      try source.read(as: view, RootKeywords.table(for: view), into: &tree)
      return true
    } catch {
      switch error {
      case .missingParameter:
        refusals.append(Refusal(view, .missingParameter))
      case .limitExceeded:
        refusals.append(Refusal(view, .include))
      }
      return false
    }
  }

  fileprivate func outcome(_ source: ConfigurationReading) -> ReadingOutcome {
    // The drafts refer to this object.
    instances = []
    syncGroups = []
    virtualServers = []
    return ReadingOutcome(
      configuration: configuration, diagnostics: context.diagnostics,
      testExitStatus: testExitStatus(source), refusals: refusals)
  }

  private func testExitStatus(_ source: ConfigurationReading) -> Int32 {
    if refusals.contains(where: { $0.reason == .missingParameter }) { return 2 }
    // Compatibility: a missing file and a missing namespace are no faults of the configuration.
    if !source.foundFile { return options.allConfig ? 4 : 0 }
    if refusals.contains(where: { $0.reason == .missingNamespace }) { return 0 }
    return ReadingExitStatus.test(context.highestClass)
  }
}
