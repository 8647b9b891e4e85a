import SystemIO
import Testing

@Suite("Random numbers of the kernel")
struct KernelRandomTests {
  @Test("Numbers of several lots do not repeat")
  func numbersOfSeveralLotsDoNotRepeat() {
    var random = KernelRandom()
    let drawn = (0..<1_000).map { _ in random.next() }
    #expect(Set(drawn).count == drawn.count)
  }

  @Test("Two sources differ")
  func twoSourcesDiffer() {
    var first = KernelRandom()
    var second = KernelRandom()
    #expect(first.next() != second.next())
  }
}
