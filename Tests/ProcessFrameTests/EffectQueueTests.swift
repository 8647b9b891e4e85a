import ProcessFrame
import Testing

@Suite("Effects in their order")
struct EffectQueueTests {
  @Test("What comes up while effects are carried out stands behind those that are there")
  func order() {
    let queue = EffectQueue<Int>()
    var done: [Int] = []
    queue.pending = [1, 2]
    queue.perform { effect in
      done.append(effect)
      if effect == 1 {
        queue.pending.append(3)
        queue.perform { _ in Issue.record("within another effect") }
      }
    }
    #expect(done == [1, 2, 3])
    #expect(queue.pending == [])
  }

  @Test("What is done after the last one may bring further ones")
  func afterLast() {
    let queue = EffectQueue<Int>()
    var done: [Int] = []
    var turns = 0
    queue.pending = [1]
    queue.perform {
      done.append($0)
    } afterLast: {
      turns += 1
      if turns < 3 { queue.pending.append(10 * turns) }
    }
    #expect(done == [1, 10, 20])
    #expect(turns == 3)
    queue.perform { _ in Issue.record("nothing is left") }
  }
}
