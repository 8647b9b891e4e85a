import Testing

/// Package.swift says what is so.
@Suite("The manifest")
struct ManifestTests {
  static let manifest = Manifest(
    Repository.everything.first { $0.path == "Package.swift" }?.lines ?? [])

  static func files(of target: Manifest.Target) -> [Repository.File] {
    (Repository.sources + Repository.tests).filter {
      $0.path.hasPrefix(target.directory + "/")
    }
  }

  /// The modules that a file imports.
  private static func imports(of file: Repository.File) -> Set<String> {
    Set(
      file.code.compactMap { line in
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 2, let module = words.last,
          words[..<place].allSatisfy({ $0 == "package" || $0.hasPrefix("@") })
        else { return nil }
        return module.split(separator: ".").first.map(String.init)
      })
  }

  @Test("Every directory with sources is a target, and every target has files")
  func directories() {
    let targets = Self.manifest.targets.filter { !$0.isC }
    #expect(targets.count > 40)
    #expect(targets.filter { Self.files(of: $0).isEmpty }.map(\.name) == [])
    let directories = Set(targets.map(\.directory))
    let strays = Set(
      (Repository.sources + Repository.tests)
        .map { $0.path.split(separator: "/").prefix(2).joined(separator: "/") }
    ).subtracting(directories)
    #expect(strays == [])
  }

  @Test("What a target declares it imports, and what it imports it declares")
  func dependencies() {
    let names = Set(Self.manifest.targets.map(\.name))
    var unused: [String] = []
    var undeclared: [String] = []
    for target in Self.manifest.targets where !target.isC {
      let imports = Self.files(of: target).map(Self.imports).reduce(into: Set()) {
        $0.formUnion($1)
      }
      #expect(!imports.isEmpty || target.dependencies.isEmpty, "\(target.name)")
      unused += target.dependencies.subtracting(imports).map { "\(target.name): \($0)" }
      undeclared += imports.intersection(names).subtracting(target.dependencies)
        .filter { $0 != target.name }.map { "\(target.name): \($0)" }
    }
    #expect(unused.sorted() == [])
    #expect(undeclared.sorted() == [])
  }

  @Test("Pure targets make no system calls")
  func pureTargets() {
    let pure = Self.manifest.pure
    #expect(pure.contains { $0.name == "VRRP" } && pure.contains { $0.name == "HealthChecking" })
    #expect(!pure.contains { $0.name == "EventLoop" || $0.name == "Kernel" })
    let files = pure.flatMap(Self.files)
    #expect(files.count > 150)
    let modules = Set(Self.manifest.targets.filter(\.isC).map(\.name))
      .union(["Glibc", "SystemIO", "Synchronization"])
    #expect(
      files.filter { !Self.imports(of: $0).isDisjoint(with: modules) }.map(\.path) == [])
  }
}
