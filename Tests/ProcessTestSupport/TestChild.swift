import Configuration
import ConfigurationSyntax
import EventLoop
import Host
package import Kernel
import Primitives
import SystemIO
package import SystemTestSupport

@testable package import ProcessFrame

/// What a child gets from its parent, made by hand; the parent is the test.
package final class TestChild {
  package let directory: ScratchDirectory
  package let frame: ChildFrame
  package let sessions: SessionChannels
  private let interfaces: [NetworkInterface]
  private let snapshot: SharedMemoryFile
  private let channel: ChildChannel
  private var line: ChildLine?
  /// What the child has told its parent.
  package private(set) var messages: [ChildMessage] = []

  package init(
    _ kind: ChildKind, _ text: String, interfaces: [NetworkInterface] = [],
    change: (inout ChildContext.Options) -> Void = { _ in }
  ) throws {
    directory = try ScratchDirectory()
    self.interfaces = interfaces
    sessions = try SessionChannels()
    snapshot = try SharedMemoryFile(name: "test")
    channel = try ChildChannel()
    var options = ChildContext.Options()
    change(&options)
    let context = ChildContext(
      log: directory.log(), options: options, outcome: Self.read(text, interfaces).outcome,
      limits: OriginalLimits(), reading: Self.reading, snapshot: snapshot,
      parent: channel.toParent, pidFile: PidFile(path: directory("pid")), sessions: sessions)
    frame = try ChildFrame(kind.traits, context)
    line = try channel.listen(on: frame.frame.loop) { [unowned self] in messages.append($0) }
  }

  private static let reading = ReadingOptions(
    path: "/etc/keepalived/keepalived.conf", strictness: .run)

  private static func read(
    _ text: String, _ interfaces: [NetworkInterface]
  ) -> (outcome: ReadingOutcome, snapshot: ConfigurationSnapshot) {
    let files = RecordingFiles(MemoryFiles(text: text))
    let host = RememberingHost(SystemHost(interfaces: interfaces))
    let outcome = Configuration.read(files: files, host: host, options: reading)
    return (outcome, ConfigurationSnapshot(files: files.snapshot, lookups: host.answers))
  }

  package func start(_ child: any Child) throws {
    frame.child = child
    try frame.start()
  }

  /// As the parent at a reload: the new text is in the snapshot before the child is told.
  package func reload(_ text: String) throws {
    try snapshot.replaceContents(with: Self.read(text, interfaces).snapshot.encoded())
    frame.reload()
  }

  /// Turns of the loop until it holds, some seconds long; whether it did.
  package func turn(until condition: () -> Bool) throws -> Bool {
    let loop = frame.frame.loop
    let deadline = Clock.now + .seconds(5)
    while Clock.now < deadline {
      if condition() { return true }
      loop.after(.milliseconds(5)) { loop.stop() }
      try loop.run()
    }
    return condition()
  }

  package var logged: [String] { directory.logged }
}
