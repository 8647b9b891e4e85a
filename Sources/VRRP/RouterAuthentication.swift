/// The authentication of version 2 (RFC 2338 5.3.6), with the eight octets of `auth_pass`.
package enum RouterAuthentication: Sendable {
  case none
  case password([8 of UInt8])
  case header(key: [8 of UInt8])
}
