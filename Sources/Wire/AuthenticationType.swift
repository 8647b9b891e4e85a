/// The authentication types of version 2 (RFC 2338 5.3.6).
package enum AuthenticationType: UInt8, Hashable, Sendable {
  case none = 0
  case simpleTextPassword = 1
  case ipAuthenticationHeader = 2
}
