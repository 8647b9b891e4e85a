import Configuration
import Kernel
import Primitives
import SystemIO

/// A line of rules as the kernel holds it.
///
/// A class: the router that wants it and `Installer` hold one and the same.
final class PlacedRule {
  let line: RuleLine
  fileprivate let assignment: RuleAssignment

  init(_ line: RuleLine) {
    self.line = line
    assignment = RuleAssignment(line)
  }

  var isTracked: Bool { !line.noTrack }
}

/// Interfaces are names in a rule: it is there without them.
extension PlacedRule: Installable {
  /// All that is in it but who set it.
  struct Key: Hashable {
    fileprivate let rule: RuleAssignment

    init(_ rule: RuleAssignment) {
      var rule = rule
      rule.origin = 0
      self.rule = rule
    }
  }

  var key: Key { Key(assignment) }

  func isSame(as other: PlacedRule) -> Bool { assignment == other.assignment }

  func isOn(_ interface: InterfaceIndex) -> Bool { false }

  func goes(with interface: InterfaceIndex, in interfaces: InterfaceTable) -> Bool { false }

  func missingInterface(in interfaces: InterfaceTable) -> InterfaceIndex? { nil }

  func object(in interfaces: InterfaceTable) -> NetworkObject { .rule(assignment) }

  var shortTitle: String { "rule \(line.ends)" }

  var title: String { "rule \(line)\(line.position.inParentheses)" }

  var consequence: String { "; it is tried again until it is there" }

  static var additionName: String { "RTM_NEWRULE(32)" }
  static var removalName: String { "RTM_DELRULE(33)" }
  /// An equal one is somebody else's: it stays when ours would go.
  static let presence: Set<Errno> = []
  static let absence: Set<Errno> = [.noEntry]
  static let takesOthersAlong = false
}

extension RuleAssignment {
  fileprivate init(_ line: RuleLine) {
    self.init(line.family, Action(line.action), priority: line.priority)
    isVRF = line.action == .l3mdev
    source = line.from?.counting
    destination = line.to?.counting
    isInverted = line.isInverted
    tos = line.tos
    mark = line.fwmark ?? 0
    markMask = line.fwmask ?? (mark == 0 ? 0 : .max)
    realms = line.realms ?? 0
    suppressedPrefixLength = line.suppressPrefixLength ?? .max
    suppressedGroup = line.suppressGroup ?? .max
    inputDevice = line.inputDevice ?? ""
    outputDevice = line.outputDevice ?? ""
    tunnelID = line.tunnelID ?? 0
    users = line.userRange
    ipProtocol = line.ipProtocol ?? 0
    sourcePorts = line.sourcePorts
    destinationPorts = line.destinationPorts
    origin = line.ruleProtocol
  }
}

extension Prefix {
  /// Nil where everything is meant.
  fileprivate var counting: RouteAssignment.Prefix? { length == 0 ? nil : assigned }
}

extension RuleAssignment.Action {
  fileprivate init(_ action: RuleLine.Action) {
    self =
      switch action {
      case .table(let table): .table(table)
      case .l3mdev: .table(0)
      case .goto(let priority): .goto(priority)
      case .nop: .nop
      case .blackhole: .blackhole
      case .unreachable: .unreachable
      case .prohibit: .prohibit
      }
  }
}
