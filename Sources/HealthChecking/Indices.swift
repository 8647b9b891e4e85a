/// The place of a virtual server in the configuration; valid until the next reload.
package struct VirtualServerIndex: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }
}

/// The place of a real server among those of all virtual servers; valid until the next reload.
package struct RealServerIndex: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }
}

/// The place of a checker among those of all real servers; valid until the next reload.
package struct CheckerIndex: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }
}
