import Configuration
import Host
import Kernel
import Primitives
import SystemIO
import SystemTestSupport
import Testing

@Suite("The machine")
struct SystemHostTests {
  let own = ScriptAccount(user: Program.Account.own.user, group: Program.Account.own.group)

  @Test("Interfaces are what the kernel said they are")
  func interfaces() {
    let macvlan = NetlinkBytes.attribute(5, NetlinkBytes.number(UInt32(2)))
    let links =
      NetworkInterface.ethernet("eth0", 2)
      + NetworkInterface.ethernet(
        "private0", 3,
        extra: macvlan + NetlinkBytes.kind("macvlan", 1, NetlinkBytes.number(UInt32(1))))
      + NetworkInterface.ethernet(
        "bridge0", 4,
        extra: macvlan + NetlinkBytes.kind("macvlan", 1, NetlinkBytes.number(UInt32(4))))
      + NetworkInterface.ethernet(
        "red", 5, extra: NetlinkBytes.kind("vrf", 1, NetlinkBytes.number(UInt32(77))))
    let host = SystemHost(interfaces: links)
    #expect(host.interface(named: "eth0")?.kind == .ordinary)
    #expect(host.interface(named: "eth0")?.base == nil)
    #expect(host.interface(named: "private0")?.kind == .privateMacvlan)
    #expect(host.interface(named: "private0")?.base == "eth0")
    #expect(host.interface(named: "bridge0")?.kind == .otherMacvlan)
    #expect(host.interface(named: "red")?.kind == .vrf(table: 77))
    #expect(host.interface(named: "eth1") == nil)
  }

  @Test("A script is described with each component of its path")
  func script() throws {
    let tree = try ScratchDirectory()
    try tree.directory("real")
    _ = try tree.script("real/check", "exit 0")
    try tree.link("link", to: "real")
    let script = SystemHost(interfaces: []).inspectScript(tree("link/check"), as: own)
    #expect(script.realPath == tree("real/check"))
    #expect(script.components.map(\.kind).suffix(2) == [.link, .file])
    #expect(script.realComponents.map(\.kind).suffix(2) == [.directory, .file])
    #expect(script.isProgram)
    #expect(script.file.mode == 0o755)
  }

  @Test("A script without #! is no program, and one that is missing has a reason")
  func otherScripts() throws {
    let tree = try ScratchDirectory()
    try tree.write("plain", "exit 0\n", mode: 0o755)
    let host = SystemHost(interfaces: [])
    #expect(!host.inspectScript(tree("plain"), as: own).isProgram)
    let missing = host.inspectScript(tree("none"), as: own)
    #expect(missing.realPath == nil)
    #expect(missing.reason == "No such file or directory")
  }

  @Test("A name of a namespace is never a path")
  func namespaces() {
    let host = SystemHost(interfaces: [])
    for name in ["", "../../etc/passwd", "/etc/passwd", "none"] {
      #expect(!host.hasNetworkNamespace(name))
    }
  }

  @Test("A key file is private if only its owner can read it")
  func keyFile() throws {
    let tree = try ScratchDirectory()
    try tree.write("private", "secret", mode: 0o600)
    try tree.write("open", "secret", mode: 0o644)
    try tree.fifo("fifo")
    let host = SystemHost(interfaces: [])
    guard case .contents(Array("secret".utf8), true) = host.keyFile(tree("private"), limit: 100),
      case .contents(Array("secre".utf8), false) = host.keyFile(tree("open"), limit: 5)
    else {
      Issue.record("other contents")
      return
    }
    // Nobody is waited for.
    _ = host.keyFile(tree("fifo"), limit: 100)
  }
}
