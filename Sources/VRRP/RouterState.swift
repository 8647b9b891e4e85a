/// The states of RFC 5798 6.4, and fault: something that the router needs is missing.
package enum RouterState: UInt8, Hashable, Sendable, CaseIterable {
  case initialize = 0
  case backup = 1
  case master = 2
  case fault = 3
}
