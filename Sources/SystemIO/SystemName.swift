import CLinux

/// What the system says of itself.
package struct SystemName {
  /// The kernel version whose headers the program was built with.
  package static var kernelHeaders: (Int, Int, Int) {
    let code = Int(clinux_linux_version_code())
    return (code >> 16, code >> 8 & 0xff, code & 0xff)
  }

  package let system: String
  package let node: String
  package let release: String
  package let version: String

  package init() {
    var names = utsname()
    _ = unsafe uname(&names)
    func text<Field>(_ field: Field) -> String {
      unsafe withUnsafeBytes(of: field) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
    }
    system = text(names.sysname)
    node = text(names.nodename)
    release = text(names.release)
    version = text(names.version)
  }
}
