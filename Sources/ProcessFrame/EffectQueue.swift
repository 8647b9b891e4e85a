/// What a core has decided and what is yet to be carried out, in order.
///
/// The core appends to `pending`. What comes up while effects are carried out stands behind those
/// that are there: nothing is ever carried out within something else.
///
/// Inlinable: each process has effects of its own, and some thousand a second.
package final class EffectQueue<Effect> {
  package var pending: [Effect] = []
  @usableFromInline var isPerforming = false

  package init() {}

  /// Carries out what is pending; from within itself it does nothing. `afterLast` is called when
  /// none is left, and may bring further ones.
  @inlinable
  package func perform(_ carryOut: (Effect) -> Void, afterLast: () -> Void = {}) {
    if isPerforming { return }
    isPerforming = true
    var next = 0
    repeat {
      while next < pending.count {
        let effect = pending[next]
        next += 1
        carryOut(effect)
      }
      afterLast()
    } while next < pending.count
    pending.removeAll(keepingCapacity: true)
    isPerforming = false
  }
}
