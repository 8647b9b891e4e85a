/// A length of time in whole microseconds, the unit of every timer in this program.
///
/// Arithmetic saturates at the ends of `Int64`: no number from a file or a packet can overflow it.
package struct Microseconds: Hashable, Comparable, Sendable {
  package var count: Int64

  package init(_ count: Int64) { self.count = count }

  package static let zero = Microseconds(0)
  package static let max = Microseconds(.max)

  package static func seconds(_ seconds: Int64) -> Microseconds {
    Microseconds(1_000_000) * seconds
  }

  package static func milliseconds(_ milliseconds: Int64) -> Microseconds {
    Microseconds(1000) * milliseconds
  }

  /// The unit of the advertisement interval on the wire (RFC 5798 5.2.7).
  package static func centiseconds(_ centiseconds: Int64) -> Microseconds {
    Microseconds(10_000) * centiseconds
  }

  package static func < (left: Microseconds, right: Microseconds) -> Bool {
    left.count < right.count
  }

  package static func + (left: Microseconds, right: Microseconds) -> Microseconds {
    let (sum, overflow) = left.count.addingReportingOverflow(right.count)
    return Microseconds(overflow ? (right.count > 0 ? .max : .min) : sum)
  }

  package static func - (left: Microseconds, right: Microseconds) -> Microseconds {
    let (difference, overflow) = left.count.subtractingReportingOverflow(right.count)
    return Microseconds(overflow ? (right.count < 0 ? .max : .min) : difference)
  }

  package static func * (left: Microseconds, right: Int64) -> Microseconds {
    let (product, overflow) = left.count.multipliedReportingOverflow(by: right)
    return Microseconds(overflow ? ((left.count < 0) == (right < 0) ? .max : .min) : product)
  }

  /// Whole division; a zero divisor gives zero.
  package static func / (left: Microseconds, right: Int64) -> Microseconds {
    let (quotient, overflow) = left.count.dividedReportingOverflow(by: right)
    return Microseconds(right == 0 ? 0 : overflow ? .max : quotient)
  }
}
