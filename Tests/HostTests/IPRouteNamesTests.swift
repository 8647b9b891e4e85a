import Host
import SystemTestSupport
import Testing

@Suite("Name tables of iproute2")
struct IPRouteNamesTests {
  func read(_ tree: ScratchDirectory) -> [String] {
    IPRouteNames.files("rt_tables", etc: tree("etc"), usr: tree("usr"))
      .map { String(decoding: $0, as: UTF8.self) }
  }

  func tree() throws -> ScratchDirectory {
    let tree = try ScratchDirectory()
    for name in ["etc", "usr", "etc/rt_tables.d", "usr/rt_tables.d"] { try tree.directory(name) }
    return tree
  }

  @Test("The administrator's table replaces the system's")
  func replaced() throws {
    let tree = try tree()
    try tree.write("usr/rt_tables", "system")
    #expect(read(tree) == ["system"])
    try tree.write("etc/rt_tables", "own")
    #expect(read(tree) == ["own"])
  }

  @Test("Fragments of the same name replace each other, the administrator's come last")
  func fragments() throws {
    let tree = try tree()
    try tree.write("usr/rt_tables.d/a.conf", "system a")
    try tree.write("usr/rt_tables.d/b.conf", "system b")
    try tree.write("etc/rt_tables.d/b.conf", "own b")
    #expect(read(tree) == ["system a", "own b"])
  }

  @Test("Only regular files that end in .conf are fragments")
  func others() throws {
    let tree = try tree()
    try tree.write("etc/rt_tables.d/.hidden.conf", "no")
    try tree.write("etc/rt_tables.d/a.conf~", "no")
    try tree.directory("etc/rt_tables.d/d.conf")
    try tree.fifo("etc/rt_tables.d/f.conf")
    #expect(read(tree) == [])
  }
}
