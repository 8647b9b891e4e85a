import ConfigurationSyntax
import Primitives

/// What the keyword handlers of one reading share: the tree that grows, the machine, and what has
/// been found out so far.
///
/// The text is read several times, once for each view, into the same tree.
final class Reading {
  let host: any ConfigurationHost
  let options: ReadingOptions
  var context: ReadingContext
  var configuration = Configuration()

  /// Definitions in the order of the text, as far as they have been read.
  var instances: [InstanceDraft] = []
  var syncGroups: [SyncGroupDraft] = []
  var scripts: [VRRPScript] = []
  var trackGroups: [TrackGroup] = []
  var virtualServers: [VirtualServerDraft] = []

  /// Where each instance stands, and the group of each that is in one.
  var instanceIndex: [String: Int] = [:]
  var groupOfInstance: [String: VRRPSyncGroup] = [:]

  /// The root keywords of other processes that the parent has seen.
  var rootKeywords: Set<String> = []
  var accounts = ScriptAccounts()
  var scriptUse = ScriptUse()
  var names = NameTables()
  var rulePriorities = RulePriorities()
  /// Global keywords that count only once.
  var prefixesSet: Set<String> = []
  /// The names of `bfd_instance` blocks, as each process has read them.
  var trackedBFDNames: [ReadingView: Set<String>] = [:]
  /// Those of them whose events the checker process gets.
  var checkerBFDNames: Set<String> = []
  var garpGroupCount = 0
  var garpInterfaces: [String] = []
  /// Defaults that depend on other keywords, while they have no value.
  var lowerPrioDelay: Microseconds?
  var lowerPrioRepeat: UInt32?
  var statsIntervals = StatsIntervals()

  struct StatsIntervals {
    var vsStatsUpdateInterval: Microseconds?
    var rsStatsUpdateInterval: Microseconds?
  }

  /// An interface that does not exist was named and `dynamic_interfaces` is off.
  var hasMissingInterface = false
  /// Why the daemon cannot run with this configuration, in the order of discovery.
  var refusals: [Refusal] = []

  init(host: any ConfigurationHost, options: ReadingOptions, context: ReadingContext) {
    self.host = host
    self.options = options
    self.context = context
  }

  var global: GlobalDefinitions {
    get { configuration.global }
    _modify { yield &configuration.global }
  }

  var vrrp: VRRPConfiguration {
    get { configuration.vrrp }
    _modify { yield &configuration.vrrp }
  }

  var lvs: LVSConfiguration {
    get { configuration.lvs }
    _modify { yield &configuration.lvs }
  }

  func report(
    _ class: Diagnostic.Class, _ message: String, at statement: Statement? = nil, word: Int = 0,
    expected: String? = nil
  ) {
    context.report(`class`, message, at: statement, word: word, expected: expected)
  }
}

extension Reading {
  func report(_ class: Diagnostic.Class, _ message: String, at place: SourceLocation?) {
    context.report(`class`, message, at: place)
  }
}

/// The order in which unnumbered rules get their priorities: downwards, apart for each family.
struct RulePriorities {
  private var next: [2 of UInt32] = [16384, 16384]

  mutating func take(_ family: AddressFamily) -> UInt32 {
    let index = family == .ipv4 ? 0 : 1
    let priority = next[index]
    next[index] = priority > 0 ? priority - 1 : 0
    return priority
  }
}
