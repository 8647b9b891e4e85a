/// `{a,b}` as csh and glob(3) with GLOB_BRACE expand it: the alternatives in their order.
enum BraceExpansion {
  /// More than anybody writes; a pattern of nested braces could stand for millions.
  static let mostAlternatives = 4096

  /// Nil if there are too many.
  static func alternatives(of pattern: [UInt8]) -> [[UInt8]]? {
    var done: [[UInt8]] = []
    // The last one is expanded next, so that the order of the text is kept.
    var waiting = [pattern]
    while let next = waiting.popLast() {
      if done.count + waiting.count > mostAlternatives { return nil }
      if let parts = expandFirst(next) {
        waiting += parts.reversed()
      } else {
        done.append(next)
      }
    }
    return done
  }

  /// The first group with a closing brace, expanded; nil without one.
  private static func expandFirst(_ pattern: [UInt8]) -> [[UInt8]]? {
    var start = 0
    while let open = unescaped(UInt8(ascii: "{"), in: pattern, from: start) {
      if let group = group(pattern, at: open) {
        return group.parts.map { pattern[..<open] + $0 + pattern[group.end...] }.map(Array.init)
      }
      start = open + 1
    }
    return nil
  }

  private static func unescaped(_ character: UInt8, in pattern: [UInt8], from start: Int) -> Int? {
    var index = start
    while index < pattern.count {
      if pattern[index] == UInt8(ascii: "\\") {
        index += 2
        continue
      }
      if pattern[index] == character { return index }
      index += 1
    }
    return nil
  }

  private static func group(_ pattern: [UInt8], at open: Int)
    -> (parts: [ArraySlice<UInt8>], end: Int)?
  {
    // `{}` stands for itself.
    if open + 1 < pattern.count && pattern[open + 1] == UInt8(ascii: "}") { return nil }
    var parts: [ArraySlice<UInt8>] = []
    var depth = 0
    var partStart = open + 1
    var index = open + 1
    while index < pattern.count {
      switch pattern[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        if depth == 0 {
          parts.append(pattern[partStart..<index])
          return (parts, index + 1)
        }
        depth -= 1
      case UInt8(ascii: ",") where depth == 0:
        parts.append(pattern[partStart..<index])
        partStart = index + 1
      default: break
      }
      index += 1
    }
    return nil
  }
}
