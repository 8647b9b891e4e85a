/// The targets of Package.swift and what they depend on.
struct Manifest {
  struct Target {
    let name: String
    let dependencies: Set<String>
    /// Where its files are, from the root of the repository.
    let directory: String
    /// It has no Swift files of its own.
    let isC: Bool
  }

  let targets: [Target]

  /// Reads the calls in the list of targets; the words of each are its strings.
  init(_ lines: [String]) {
    let text = lines.drop { !$0.hasPrefix("  targets: [") && !$0.hasPrefix("  targets:[") }
      .filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: " ")
    targets = Self.calls(text).compactMap(Self.target)
  }

  /// `module(…)`, `tests(…)`, `.target(…)` …, with what stands between their parentheses.
  private static func calls(_ text: String) -> [(kind: String, arguments: String)] {
    var found: [(String, String)] = []
    var kind = ""
    var word = ""
    var arguments = ""
    var depth = 0
    for character in text {
      if character == ")" {
        depth -= 1
        if depth == 0 { found.append((kind, arguments)) }
      }
      if depth > 0 {
        arguments.append(character)
      } else if character.isLetter {
        word.append(character)
      } else if character != "(" {
        word = ""
      }
      if character == "(" {
        if depth == 0 { (kind, word, arguments) = (word, "", "") }
        depth += 1
      }
    }
    return found
  }

  private static func target(_ kind: String, _ arguments: String) -> Target? {
    guard ["module", "tests", "target", "executableTarget", "systemLibrary"].contains(kind),
      let name = strings(arguments).first
    else { return nil }
    // The dependencies are the first list, if it stands before the other labels.
    let end =
      ["exclude:", "resources:", "cSettings:", "swiftSettings:", "providers:"]
      .compactMap { arguments.firstRange(of: $0)?.lowerBound }.min() ?? arguments.endIndex
    let head = arguments[..<end]
    var dependencies: Set<String> = []
    if let open = head.firstIndex(of: "["), let close = head[open...].firstIndex(of: "]") {
      dependencies = Set(strings(head[open..<close]))
    }
    let path = arguments.firstRange(of: "path: ").flatMap {
      strings(arguments[$0.upperBound...]).first
    }
    return Target(
      name: name, dependencies: dependencies,
      directory: path ?? (kind == "tests" ? "Tests/\(name)" : "Sources/\(name)"),
      isC: kind == "systemLibrary" || (kind == "target" && !arguments.contains("swiftSettings")))
  }

  private static func strings(_ text: some StringProtocol) -> [String] {
    text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  /// What a target depends on, directly or not.
  func reach(of target: Target) -> Set<String> {
    var found = target.dependencies
    var added = found
    while !added.isEmpty {
      let next = targets.filter { added.contains($0.name) }.flatMap(\.dependencies)
      added = Set(next).subtracting(found)
      found.formUnion(added)
    }
    return found
  }

  /// The targets of the program without system calls, clocks and unsafe code: neither `SystemIO`
  /// nor C is below them.
  var pure: [Target] {
    let impure = Set(targets.filter(\.isC).map(\.name)).union(["SystemIO"])
    return targets.filter { target in
      target.directory.hasPrefix("Sources/") && !impure.contains(target.name)
        && reach(of: target).isDisjoint(with: impure)
    }
  }
}
