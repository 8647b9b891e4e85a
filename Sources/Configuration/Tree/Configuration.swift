/// Everything that keepalived.conf says, read and validated: the tree that all processes share.
///
/// It holds values only. Interfaces stand by name: what the kernel knows of them changes while the
/// program runs and is the process layer's business.
package struct Configuration: Sendable {
  package var global = GlobalDefinitions()
  package var vrrp = VRRPConfiguration()
  package var presence = Presence()

  /// Which child processes the text asks for.
  package struct Presence: Hashable, Sendable {
    package var vrrp = false
    package var checker = false
    package var bfd = false

    package init() {}
  }

  package init() {}
}
