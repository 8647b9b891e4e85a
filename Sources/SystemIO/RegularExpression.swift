import CPCRE2

/// A regular expression of Perl's kind, by PCRE2, which is loaded when the first one is made.
///
/// No attempt to match takes more than a bounded number of steps: what needs more does not match.
@safe package final class RegularExpression {
  package enum Fault: Error, Hashable, Sendable {
    case noLibrary
    case invalid(offset: Int, reason: String)
  }

  package enum Outcome: Hashable, Sendable {
    case none
    case match(at: Int)
    /// The end of the subject came in between: with more behind it there may be a match here.
    case partial(at: Int)
    /// It took too long, or too much memory.
    case givenUp
  }

  private static let stepLimit: UInt32 = 1_000_000

  private var library: cpcre2
  private var pattern: cpcre2_pattern
  /// Octets before a match that it may depend on.
  package let lookBehind: Int

  /// `options`: the names of `regex_options`; others are ignored.
  package init(_ text: [UInt8], options: Set<String>) throws(Fault) {
    var library = cpcre2()
    if unsafe cpcre2_load(&library) != 0 { throw .noLibrary }
    let bits = options.reduce(UInt32(0)) { $0 | (Self.options[$1] ?? 0) }
    var pattern = unsafe cpcre2_pattern()
    var offset = 0
    let error = unsafe text.withUnsafeBufferPointer {
      unsafe cpcre2_compile(
        &library, &pattern, $0.baseAddress, $0.count, bits, Self.stepLimit, &offset)
    }
    if error != 0 {
      throw unsafe .invalid(offset: offset, reason: Self.text(of: error, library))
    }
    // A character of UTF-8 has up to four octets.
    let width = options.contains("utf") ? 4 : 1
    lookBehind = Int(unsafe cpcre2_look_behind(&library, &pattern)) * width
    self.library = library
    unsafe self.pattern = pattern
  }

  deinit { unsafe cpcre2_free(&library, &pattern) }

  /// Looks for a match that begins at `start` or behind it.
  package func find(in subject: Span<UInt8>, from start: Int) -> Outcome {
    if start > subject.count { return .none }
    var place = 0
    let outcome = unsafe subject.withUnsafeBufferPointer {
      unsafe cpcre2_find(&library, &pattern, $0.baseAddress, $0.count, max(start, 0), &place)
    }
    switch outcome {
    case cpcre2_no_match: return .none
    case cpcre2_match: return .match(at: place)
    case cpcre2_partial: return .partial(at: place)
    default: return .givenUp
    }
  }

  private static func text(of error: Int32, _ library: cpcre2) -> String {
    var text = [UInt8](repeating: 0, count: 256)
    _ = unsafe text.withUnsafeMutableBufferPointer {
      unsafe library.describe(error, $0.baseAddress, $0.count)
    }
    return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The names of `regex_options`.
  private static let options: [String: UInt32] = [
    "allow_empty_class": 0x0000_0001, "alt_bsux": 0x0000_0002, "auto_callout": 0x0000_0004,
    "caseless": 0x0000_0008, "dollar_endonly": 0x0000_0010, "dotall": 0x0000_0020,
    "dupnames": 0x0000_0040, "extended": 0x0000_0080, "firstline": 0x0000_0100,
    "match_unset_backref": 0x0000_0200, "multiline": 0x0000_0400, "never_ucp": 0x0000_0800,
    "never_utf": 0x0000_1000, "no_auto_capture": 0x0000_2000, "no_auto_possess": 0x0000_4000,
    "no_dotstar_anchor": 0x0000_8000, "no_start_optimize": 0x0001_0000, "ucp": 0x0002_0000,
    "ungreedy": 0x0004_0000, "utf": 0x0008_0000, "never_backslash_c": 0x0010_0000,
    "alt_circumflex": 0x0020_0000, "alt_verbnames": 0x0040_0000,
    "use_offset_limit": 0x0080_0000,
  ]
}
