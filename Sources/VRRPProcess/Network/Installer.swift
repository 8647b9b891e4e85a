import EventLoop
import Kernel
import Logging
import Primitives
import ProcessFrame
import SystemIO

/// Has the kernel hold what is wanted, and nothing else of ours.
///
/// What is wanted has owners, and is wanted for as long as one of them is left: an owner that lets
/// go of something takes it from nobody else. What is present is what is there through us, as far
/// as the kernel has told. What it would not do is tried again while it is wanted (`Retry`).
final class Installer<Object: Installable> {
  typealias Key = Object.Key

  /// Who wants something; the numbers are given by `newOwner`.
  struct Owner: Hashable { fileprivate let number: Int }

  /// Nearly always one: an array or a set for each of thousands of addresses would cost memory.
  private struct Owners {
    private var first: Owner?
    private var others: [Owner] = []

    var isEmpty: Bool { first == nil }

    mutating func insert(_ owner: Owner) {
      if first == nil {
        first = owner
      } else if first != owner && !others.contains(owner) {
        others.append(owner)
      }
    }

    mutating func remove(_ owner: Owner) {
      if first == owner {
        first = others.popLast()
      } else {
        others.removeAll { $0 == owner }
      }
    }
  }

  private struct Want {
    var object: Object
    var owners = Owners()
    /// What was wanted first is set first.
    let turn: Int
  }

  private let edge: any NetworkEdge
  private let loop: EventLoop
  private let interfaces: InterfaceTable
  private let log: Log
  private var ownerCount = 0
  private var turns = 0
  private var wanted: [Key: Want] = [:]
  private var present: [Key: Object] = [:]
  /// What is there without us: neither set nor taken off.
  private var others: Set<Key> = []
  /// Removals of ours that the monitor has yet to report.
  private var expectedRemovals: [Key: Int] = [:]
  /// What the kernel refused and may do another time, in order.
  private var refused: [Key] = []
  /// While several changes are one: what nobody wants any more, in order.
  private var postponed: [Key]?
  private(set) lazy var retry = Retry(
    loop: loop, log: log, relief: "Netlink: all that is wanted is there again",
    excess: "Netlink: further errors are not logged until all is well",
    attempt: { [unowned self] in tryAgain() })
  /// Told what has come late, when others have been told of it already.
  var arrivedLate: (([Object]) -> Void)?

  init(edge: any NetworkEdge, loop: EventLoop, interfaces: InterfaceTable, log: Log) {
    self.edge = edge
    self.loop = loop
    self.interfaces = interfaces
    self.log = log
  }

  func newOwner() -> Owner {
    ownerCount += 1
    return Owner(number: ownerCount)
  }

  /// Through us.
  func isPresent(_ key: Key) -> Bool { present[key] != nil }

  /// These are there without us, and stay so.
  func leave(_ keys: Set<Key>) { others = keys }

  // MARK: Wanting

  /// An owner wants these too; those that are not there are set, all in one go.
  func want(_ objects: [Object], by owner: Owner) {
    for object in objects {
      turns += 1
      wanted[object.key, default: Want(object: object, turn: turns)].owners.insert(owner)
      wanted[object.key]?.object = object
    }
    install(objects)
  }

  /// An owner wants these too, and finds them there: as if they had been set.
  func adopt(_ objects: [Object], by owner: Owner) {
    for object in objects { present[object.key] = object }
    want(objects, by: owner)
  }

  /// An owner wants these no longer; those that nobody wants are taken off, all in one go.
  func release(_ objects: [Object], by owner: Owner) {
    for object in objects {
      wanted[object.key]?.owners.remove(owner)
      if wanted[object.key]?.owners.isEmpty == true { wanted[object.key] = nil }
    }
    remove(objects.map(\.key).filter { present[$0] != nil })
  }

  /// Takes off what a predecessor may have left and nobody wants, without a word about what is not
  /// there.
  func removeLeftovers(_ objects: [Object]) {
    let unwanted = objects.filter { wanted[$0.key] == nil && !others.contains($0.key) }
    let (changes, places) = changes(of: unwanted) { .remove($0) }
    for (object, error) in zip(places, edge.perform(changes)) {
      present[object.key] = nil
      if error == nil { expectedRemovals[object.key, default: 0] += 1 }
    }
  }

  /// Several changes that are one: what one owner lets go and another one takes is not touched, and
  /// what goes, goes at the end.
  func together(_ body: () -> Void) {
    postponed = []
    body()
    let keys = postponed ?? []
    postponed = nil
    remove(keys)
  }

  // MARK: Requests

  private func install(_ objects: [Object]) {
    var missing: [Object] = []
    for object in objects where !others.contains(object.key) {
      if let missing = object.missingInterface(in: interfaces) {
        log.info(
          "Not adding \(object.shortTitle) to \(interfaces.name(missing))"
            + " since interface doesn't exist")
        continue
      }
      if let there = present[object.key] {
        if there.isSame(as: object) { continue }
        takeOff([object.key])
      }
      missing.append(object)
    }
    let (changes, places) = changes(of: missing) { .add($0) }
    for (object, error) in zip(places, edge.perform(changes)) {
      if let error, !Object.presence.contains(error) {
        if !refused.contains(object.key) { refused.append(object.key) }
        complain(error, Object.additionName, object)
      } else {
        refused.removeAll { $0 == object.key }
        present[object.key] = object
      }
    }
    settle()
  }

  /// Of what nobody wants.
  private func remove(_ keys: [Key]) {
    if postponed != nil {
      postponed?.append(contentsOf: keys)
      return
    }
    takeOff(keys.filter { wanted[$0] == nil })
    settle()
  }

  private func takeOff(_ keys: [Key]) {
    let there = keys.compactMap { present.removeValue(forKey: $0) }
    let (changes, places) = changes(of: there) { .remove($0) }
    for (object, error) in zip(places, edge.perform(changes)) {
      switch error {
      case nil: expectedRemovals[object.key, default: 0] += 1
      case .some(let error):
        if Object.absence.contains(error) { continue }
        complain(error, Object.removalName, object)
      }
    }
  }

  private func changes(
    of objects: [Object], _ change: (NetworkObject) -> NetworkChange
  ) -> (changes: [NetworkChange], objects: [Object]) {
    let here = objects.filter { $0.missingInterface(in: interfaces) == nil }
    return (here.map { change($0.object(in: interfaces)) }, here)
  }

  private func complain(_ error: Errno, _ request: String, _ object: Object) {
    retry.complain("Netlink: error: \(error)(\(error.rawValue)), type=\(request), \(object.title)")
  }

  private func settle() {
    refused = refused.filter { wanted[$0] != nil }
    retry.settle(isNeeded: !refused.isEmpty)
  }

  private func tryAgain() {
    installLate(
      refused.compactMap { wanted[$0]?.object }
        .filter { $0.missingInterface(in: interfaces) == nil })
  }

  private func installLate(_ objects: [Object]) {
    install(objects)
    let late = objects.filter { present[$0.key] != nil }
    if !late.isEmpty { arrivedLate?(late) }
  }

  /// These were taken off by a request that is none of an object's; each will be reported.
  func noteRemoval(of keys: [Key]) {
    for key in keys where present.removeValue(forKey: key) != nil {
      expectedRemovals[key, default: 0] += 1
    }
  }

  /// What is there is of no use: it goes, and is tried again later.
  func refuse(_ object: Object) {
    takeOff([object.key])
    if !refused.contains(object.key) { refused.append(object.key) }
    settle()
  }

  // MARK: Reports

  /// What a reported removal was.
  enum Removal {
    /// We had asked for it, or it was none of ours.
    case expected
    /// It went with something else of ours, and was set again.
    case mended
    /// Somebody else took it.
    case lost
  }

  /// `isEcho`: a request of our own caused it.
  func removalReported(_ key: Key, isEcho: Bool) -> Removal {
    if let count = expectedRemovals[key] {
      expectedRemovals[key] = count > 1 ? count - 1 : nil
      return .expected
    }
    if others.remove(key) != nil { return .lost }
    guard present.removeValue(forKey: key) != nil else { return .expected }
    guard isEcho else { return .lost }
    if let want = wanted[key] { install([want.object]) }
    return .mended
  }

  /// The interface is back: what is wanted on it and not there is set, and told as late.
  func restore(on interface: InterfaceIndex) { restore { $0.isOn(interface) } }

  /// What is wanted of these and not there is set, and told as late.
  func restore(where isMeant: (Object) -> Bool) {
    let missing = wanted.values.filter { isMeant($0.object) && present[$0.object.key] == nil }
    installLate(missing.sorted { $0.turn < $1.turn }.map(\.object))
  }

  /// It is there under another key, so that its removal will not be reported under this one: it is
  /// taken off, and stays wanted.
  func withdrawDisplaced(_ key: Key) {
    guard let object = present.removeValue(forKey: key) else { return }
    _ = edge.perform([.remove(object.object(in: interfaces))])
  }

  /// The interface is no longer the one that is meant: what is there through us goes, and stays
  /// wanted.
  func withdraw(from interface: InterfaceIndex) {
    takeOff(present.filter { $0.value.isOn(interface) }.map(\.key))
  }

  /// The interface is gone, and all that was on it.
  func forget(_ interface: InterfaceIndex) {
    present = present.filter { !$0.value.isOn(interface) }
    others = others.filter { wanted[$0]?.object.isOn(interface) != true }
    refused = refused.filter { wanted[$0]?.object.isOn(interface) != true }
  }

  /// After messages were lost: what the kernel really has. What is gone.
  func resynchronize(_ keys: Set<Key>) -> [Key] {
    expectedRemovals = [:]
    let lost = present.keys.filter { !keys.contains($0) }
    for key in lost { present[key] = nil }
    return Array(lost)
  }
}
