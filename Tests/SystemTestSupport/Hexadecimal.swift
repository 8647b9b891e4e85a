/// Two hexadecimal digits.
package func hex(_ octet: UInt8) -> String {
  let digits = String(octet, radix: 16)
  return octet < 16 ? "0" + digits : digits
}
