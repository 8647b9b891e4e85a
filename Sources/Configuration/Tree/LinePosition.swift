/// Where a line stands, for what is said of it later. Lines that say the same are equal wherever
/// they stand.
package struct LinePosition: Hashable, Sendable {
  package var file: String?
  package var line: Int32 = 0

  package init() {}

  package static func == (left: LinePosition, right: LinePosition) -> Bool { true }

  package func hash(into hasher: inout Hasher) {}
}

extension LinePosition: CustomStringConvertible {
  /// `FILE: Line N`, as diagnostics have it; empty where that is not known.
  package var description: String {
    if line == 0 { return "" }
    return if let file { "\(file): Line \(line)" } else { "Line \(line)" }
  }
}
