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

  /// What nobody wants any more while several changes are one, in order.
  private struct Postponed {
    var keys: [Key] = []
    var bySlot: [Object.Slot: Key] = [:]
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
  /// What the kernel refused and may do another time.
  private var refused: Set<Key> = []
  private var postponed: Postponed?
  /// What goes may have an heir in its place.
  private var isExchanging = false
  /// What is to be set or taken off in later turns of the loop, whichever then is right.
  private var waiting: [Key] = []
  private var nextSlice: Alarm?
  /// So many are set or taken off in one turn, so that nothing else has to wait for long.
  private let atOnce: Int
  private(set) lazy var retry = Retry(
    loop: loop, log: log, relief: "Netlink: all that is wanted is there again",
    excess: "Netlink: further errors are not logged until all is well",
    attempt: { [unowned self] in tryAgain() })
  /// Told what has come late, when others have been told of it already.
  var arrivedLate: (([Object]) -> Void)?

  init(
    edge: any NetworkEdge, loop: EventLoop, interfaces: InterfaceTable, log: Log,
    atOnce: Int = .max
  ) {
    self.edge = edge
    self.loop = loop
    self.interfaces = interfaces
    self.log = log
    self.atOnce = atOnce
  }

  func newOwner() -> Owner {
    ownerCount += 1
    return Owner(number: ownerCount)
  }

  /// Through us.
  func isPresent(_ key: Key) -> Bool { present[key] != nil }

  /// Whether one of what is there through us is so.
  func containsOne(where isSo: (Object) -> Bool) -> Bool { present.values.contains(where: isSo) }

  /// As it was set.
  func there(_ key: Key) -> Object? { present[key] }

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
    let (changes, places) = changes(of: unwanted) { .remove($1) }
    for (object, error) in zip(places, edge.perform(changes)) {
      present[object.key] = nil
      if error == nil { expectRemoval(of: object.key) }
    }
  }

  /// Several changes that are one: what one owner lets go and another one takes is not touched, and
  /// what goes, goes at the end.
  func together(_ body: () -> Void) {
    postponed = Postponed()
    body()
    let keys = postponed?.keys ?? []
    postponed = nil
    isExchanging = true
    remove(keys)
    isExchanging = !waiting.isEmpty
  }

  // MARK: Many at a time

  private func wait(for keys: some Sequence<Key>) {
    waiting += keys
    if waiting.isEmpty || nextSlice != nil { return }
    nextSlice = loop.after(.zero) { [unowned self] in
      nextSlice = nil
      takeSlice(atOnce)
    }
  }

  private func takeSlice(_ count: Int) {
    let keys = Array(waiting.prefix(count))
    waiting.removeFirst(keys.count)
    let absent = keys.filter { present[$0] == nil }
    install(keys.compactMap { wanted[$0]?.object })
    let late = absent.compactMap { present[$0] }
    if !late.isEmpty { arrivedLate?(late) }
    remove(keys)
    isExchanging = isExchanging && !waiting.isEmpty
    wait(for: [])
  }

  /// All that waits is done now.
  func finish() {
    while !waiting.isEmpty { takeSlice(min(atOnce, waiting.count)) }
  }

  // MARK: Requests

  private func install(_ all: [Object]) {
    let objects = all.prefix(atOnce)
    wait(for: all[objects.endIndex...].lazy.map(\.key))
    var missing: [Object] = []
    /// What goes for each that comes in its place.
    var outdated: [Key: Object] = [:]
    for object in objects where !others.contains(object.key) {
      if let missing = object.missingInterface(in: interfaces) {
        log.info(
          "Not adding \(object.shortTitle) to \(interfaces.name(missing))"
            + " since interface doesn't exist")
        continue
      }
      if let there = present[object.key] {
        if there.isSame(as: object) {
          object.inherit(from: there)
          present[object.key] = object
          continue
        }
        if object.replaces {
          outdated[object.key] = there
        } else {
          takeOff([object.key])
        }
      } else if let old = unwantedInPlace(of: object) {
        outdated[object.key] = old
      }
      missing.append(object)
    }
    let (changes, places) = changes(of: missing) {
      outdated[$0.key] == nil ? .add($1) : .replace($1)
    }
    for (object, error) in zip(places, edge.perform(changes)) {
      var error = error
      if error != nil, let old = outdated[object.key] { error = exchange(old, for: object) }
      conclude(object, error)
    }
    settle()
  }

  private func conclude(_ object: Object, _ error: Errno?) {
    if let error, !Object.presence.contains(error) {
      refused.insert(object.key)
      present[object.key] = nil
      complain(error, Object.additionName, object, object.consequence)
    } else {
      refused.remove(object.key)
      present[object.key] = object
    }
  }

  /// Where the kernel does not replace: one after the other.
  private func exchange(_ old: Object, for new: Object) -> Errno? {
    let changes: [NetworkChange] = [
      .remove(old.object(in: interfaces)), .add(new.object(in: interfaces)),
    ]
    return edge.perform(changes).last ?? nil
  }

  /// While several changes are one, what is let go is replaced by what comes where it is.
  private func unwantedInPlace(of object: Object) -> Object? {
    guard object.replaces, let key = postponed?.bySlot[object.slot], wanted[key] == nil,
      let old = present[key], old.missingInterface(in: interfaces) == nil
    else { return nil }
    postponed?.bySlot[object.slot] = nil
    present[key] = nil
    return old
  }

  /// Of what nobody wants.
  private func remove(_ keys: [Key]) {
    if postponed != nil {
      postponed?.keys += keys
      for key in keys {
        if let slot = present[key]?.slot { postponed?.bySlot[slot] = key }
      }
      return
    }
    let unwanted = keys.filter { wanted[$0] == nil && present[$0] != nil }
    wait(for: unwanted.dropFirst(atOnce))
    let slots = Set(takeOff(Array(unwanted.prefix(atOnce))))
    // A removal that does not say all may have hit what took its place.
    if isExchanging && !slots.isEmpty { reinstall { slots.contains($0.slot) } }
    settle()
  }

  @discardableResult
  private func takeOff(_ keys: [Key]) -> [Object.Slot] {
    let there = keys.compactMap { present.removeValue(forKey: $0) }
    let (changes, places) = changes(of: there) { .remove($1) }
    for (object, error) in zip(places, edge.perform(changes)) {
      switch error {
      case nil: expectRemoval(of: object.key)
      case .some(let error):
        if Object.absence.contains(error) { continue }
        complain(error, Object.removalName, object)
      }
    }
    return there.map(\.slot)
  }

  private func expectRemoval(of key: Key) {
    if Object.takesOthersAlong { expectedRemovals[key, default: 0] += 1 }
  }

  private func changes(
    of objects: [Object], _ change: (Object, NetworkObject) -> NetworkChange
  ) -> (changes: [NetworkChange], objects: [Object]) {
    let here = objects.filter { $0.missingInterface(in: interfaces) == nil }
    return (here.map { change($0, $0.object(in: interfaces)) }, here)
  }

  private func complain(
    _ error: Errno, _ request: String, _ object: Object, _ consequence: String = ""
  ) {
    retry.complain(
      "Netlink: error: \(error)(\(error.rawValue)), type=\(request), \(object.title)\(consequence)")
  }

  private func settle() {
    refused = refused.filter { wanted[$0] != nil }
    retry.settle(isNeeded: !refused.isEmpty)
  }

  private func tryAgain() {
    let wants = refused.compactMap { wanted[$0] }.sorted { $0.turn < $1.turn }
    installLate(wants.map(\.object).filter { $0.missingInterface(in: interfaces) == nil })
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
    refused.insert(object.key)
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
    if isEcho && !Object.takesOthersAlong { return .expected }
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
    drop { $0.goes(with: interface, in: interfaces) }
    others = others.filter { wanted[$0]?.object.isOn(interface) != true }
    refused = refused.filter { wanted[$0]?.object.isOn(interface) != true }
  }

  /// What the kernel has dropped without a report.
  func drop(_ isGone: (Object) -> Bool) {
    for (key, object) in present where isGone(object) { present[key] = nil }
  }

  /// Sets again what is wanted and there, as far as we know.
  func reinstall(_ isDoubtful: (Object) -> Bool) {
    let doubtful = present.values.filter(isDoubtful)
      .compactMap { object in wanted[object.key].map { (object, $0.turn) } }
      .sorted { $0.1 < $1.1 }.map(\.0)
    for object in doubtful { present[object.key] = nil }
    install(doubtful)
  }

  /// After messages were lost: what the kernel really has, of the objects that its list can have.
  /// What is gone.
  func resynchronize(_ keys: Set<Key>, _ isListed: (Object) -> Bool = { _ in true }) -> [Key] {
    expectedRemovals = [:]
    let lost = present.filter { !keys.contains($0.key) && isListed($0.value) }.map(\.key)
    for key in lost { present[key] = nil }
    return lost
  }
}
