/// Why bytes are no packet of the wanted kind.
package enum DecodeError: Error, Hashable, Sendable {
  /// Fewer octets than the fixed part needs.
  case truncated
  /// A fixed field, such as a version nibble or a hardware type, has another value.
  case unexpectedValue
}
