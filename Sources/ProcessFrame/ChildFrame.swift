package import Configuration
import ConfigurationSyntax
import Host
package import Kernel
import Logging
package import Primitives
import SystemIO

/// A child as its frame sees it; what the requirements mean stands at `FramedProcess`.
package protocol Child: AnyObject {
  /// The interfaces that a new configuration is read for; none for a child that looks at none.
  var interfaces: [NetworkInterface] { get }
  func start() throws(StartFailure)
  /// Puts a new configuration in force, which the child's context has adopted already. `old` is the
  /// one before.
  func reload(from old: Configuration)
  func stop()
  func cleanUp()
  func dump(_ request: DumpRequest)
  func wokeLate(by lateness: Microseconds)
}

/// What all children owe their parent: the pid file, the configuration from its snapshot, and the
/// truth about which configuration is in force.
package final class ChildFrame {
  package let frame: ProcessFrame
  package let context: ChildContext
  private let traits: ChildTraits
  var child: (any Child)?

  /// Runs a child that `make` makes to its end; the exit status.
  package static func run(
    _ kind: ChildKind, _ context: ChildContext,
    _ make: (ChildFrame) throws(StartFailure) -> any Child
  ) -> Int32 {
    let traits = kind.traits
    if let refusal = context.outcome.refusals.first(where: { $0.view == traits.view }) {
      if refusal.reason == .missingInterface {
        context.log.info("Non-existent interface specified in configuration")
      }
      context.pidFile.remove()
      return refusal.exitStatus
    }
    do throws(StartFailure) {
      return try ChildFrame(traits, context).run(make)
    } catch {
      if let reason = error.reason {
        context.log.error("The \(traits.title) process cannot run - \(reason)")
      }
      context.pidFile.remove()
      return error.status
    }
  }

  init(_ traits: ChildTraits, _ context: ChildContext) throws(StartFailure) {
    self.traits = traits
    self.context = context
    do throws(Errno) {
      frame = try ProcessFrame(
        title: traits.title, log: context.log, limits: context.limits,
        heedsInterrupt: !context.options.ignoresInterrupt,
        timeLimitKeyword: "\(traits.keywordPrefix)_rlimit_rttime")
    } catch { throw StartFailure(error) }
  }

  private func run(
    _ make: (ChildFrame) throws(StartFailure) -> any Child
  ) throws(StartFailure) -> Int32 {
    child = try make(self)
    do throws(PidFile.Failure) { try context.pidFile.write() } catch {
      context.log.info("\(traits.name) child process: cannot write pidfile")
      return ChildExit.normal.rawValue
    }
    let status = try frame.run(self)
    context.pidFile.remove()
    context.log.info(context.log.isDetailed ? "Stopped - \(Self.usage)" : "Stopped")
    return status
  }

  private static var usage: String {
    let own = Resources.usage(ofChildren: false)
    let scripts = Resources.usage(ofChildren: true)
    if scripts.user == .zero && scripts.system == .zero {
      return "used \(own.user.secondsText) user time, \(own.system.secondsText) system time"
    }
    return "used (self/children) \(own.user.secondsText)/\(scripts.user.secondsText) user time,"
      + " \(own.system.secondsText)/\(scripts.system.secondsText) system time"
  }

  private var settings: Scheduling.Settings {
    let global = context.configuration.global
    return Scheduling.Settings(global, traits.scheduling(global))
  }
}

extension ChildFrame: FramedProcess {
  package func start() throws(StartFailure) {
    try child?.start()
    frame.settled(settings)
    context.parent.tell(.ready)
  }

  package func reload() {
    context.log.info("Reloading")
    frame.beginLongWork()
    var answer = ChildMessage.reloaded
    do throws(Refused) { try adoptSnapshot() } catch {
      context.log.error("New configuration refused: \(error.reason) - keeping the running one")
      answer = .refused(reason: error.reason)
    }
    frame.settled(settings)
    context.parent.tell(answer)
  }

  private struct Refused: Error { var reason: String }

  private func adoptSnapshot() throws(Refused) {
    guard let child else { return }
    guard let outcome = context.readSnapshot(for: SystemHost(interfaces: child.interfaces)) else {
      throw Refused(reason: "the snapshot of the configuration cannot be read")
    }
    // The parent has refused such a text already; an interface may have gone since.
    if let refusal = outcome.refusals.first(where: { $0.view == traits.view }) {
      throw Refused(reason: "\(refusal.reason)")
    }
    let old = context.configuration
    context.adopt(outcome)
    child.reload(from: old)
  }

  package func stop() { child?.stop() }
  package func cleanUp() { child?.cleanUp() }
  package func dump(_ request: DumpRequest) { child?.dump(request) }
  package func wokeLate(by lateness: Microseconds) { child?.wokeLate(by: lateness) }
}
