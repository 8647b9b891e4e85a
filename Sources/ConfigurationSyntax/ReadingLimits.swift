/// How far a configuration may go before it is refused.
///
/// The reference has no such limits: it runs for ever, or until memory ends. All are far beyond
/// what a configuration in use reaches.
package struct ReadingLimits: Hashable, Sendable {
  /// Characters of a physical line without its newline, and of a line after substitution. These
  /// two are the reference's own (its line buffer has 1024 bytes).
  package static let lineLength = 1022
  package static let substitutedLength = 1023
  /// Characters of one number in `~SEQ`, the reference's own.
  package static let sequenceNumbers = 63

  /// Include files within include files.
  package var includeDepth = 64
  /// Files opened in all.
  package var files = 65_536
  /// Patterns that the braces of one include stand for; beyond them it is a failure of glob(3).
  package var alternatives = 4096
  /// Bytes read in all.
  package var bytes = 256 << 20
  /// Multi-line definitions within multi-line definitions.
  package var expansionDepth = 128
  /// `~SEQ` and `~LST` within each other.
  package var sequenceDepth = 64
  /// Values of one `~SEQ`.
  package var sequenceValues: UInt64 = 1_000_000
  /// Lines that come from sequences and multi-line definitions, in all.
  package var generatedLines = 1_000_000
  /// Bytes of all values of definitions that are kept.
  package var definitionBytes = 64 << 20
  /// References replaced on one line.
  package var replacements = 4096
  /// Bytes moved by replacing references, in all.
  package var replacedBytes = 1 << 30
  /// Blocks within blocks.
  package var blockDepth = 64
  /// Diagnostics that are kept. Further ones only count for the exit status.
  package var diagnostics = 10_000
  /// Diagnostics up to which the nearest keyword is looked for.
  package var suggestions = 500

  package init() {}
}
