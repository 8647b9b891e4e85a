// This target turns the words of a configuration into the tree that the processes work on.
//
// A text is read once for each process (`ReadingView`), always from the same bytes: the parent's
// view reads the global blocks and notes which other blocks exist; the VRRP view reads those of
// VRRP, and the BFD view those of BFD. `ConfigurationSyntax` cuts lines into words and finds each
// keyword in a `KeywordTable`; the tables here (`X+Keywords.swift`) say what a keyword does to a
// draft (`XDraft`), which holds what the text says and nothing else. Lines of addresses, routes and
// rules are read word by word from tables of `LineWord`s. When the VRRP view has been read,
// `Reading+Completion.swift` applies the end-of-read checks, in the order of the reference, and
// turns drafts into finished values with all defaults filled in.
//
// `Reading` is the one object that all handlers of a reading share. It owns the drafts, which refer
// to it; the cycle is cut when the reading is over. The machine is seen through
// `ConfigurationHost` only: no file is opened and no clock is read here.
//
// Invariants: a tree without refusal has no instance without a VRID, without an address where the
// version needs one, or with the VRID of another where packets could meet; every name that a
// tracker, a group or a static item holds is defined.

/// Everything that keepalived.conf says, read and validated: the tree that all processes share.
///
/// It holds values only. Interfaces stand by name: what the kernel knows of them changes while the
/// program runs and is the process layer's business.
package struct Configuration: Sendable {
  package var global = GlobalDefinitions()
  package var vrrp = VRRPConfiguration()
  package var lvs = LVSConfiguration()
  /// The sessions of the BFD process, in the order of the text.
  package var bfd: [BFDInstance] = []
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
