import CLinux

/// The environment of this process.
package enum Environment {
  package static subscript(name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  package static func remove(_ name: String) { unsafe unsetenv(name) }

  /// The C library's standard search path, for a process without `PATH`.
  package static var standardPath: String {
    var text = [CChar](repeating: 0, count: 512)
    let length = unsafe confstr(Int32(_CS_PATH), &text, text.count)
    return String(
      decoding: text.prefix(max(Int(length) - 1, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What would change how a script is loaded or how its words are split.
  private static let refused = ["IFS=", "LD_PRELOAD=", "LD_LIBRARY_PATH="]

  /// The variables that scripts get, byte for byte as they are here, with nil at the end.
  static var ofScripts: [UnsafeMutablePointer<CChar>?] {
    var kept: [UnsafeMutablePointer<CChar>?] = unsafe []
    if var next = unsafe clinux_environ() {
      while let entry = unsafe next.pointee {
        if !refused.contains(where: { unsafe strncmp(entry, $0, $0.utf8.count) == 0 }) {
          unsafe kept.append(entry)
        }
        unsafe next += 1
      }
    }
    unsafe kept.append(nil)
    return unsafe kept
  }
}
