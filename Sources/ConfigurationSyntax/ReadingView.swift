/// Who reads: each process has root keywords of its own and passes over the others' blocks.
package enum ReadingView: String, Hashable, CaseIterable, Sendable {
  case parent, checker, vrrp, bfd

  /// The three processes that the parent starts, in the order in which `-t` reads for them.
  package static let children: [ReadingView] = [.checker, .vrrp, .bfd]
}
