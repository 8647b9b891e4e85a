import CLinux

/// Files by patterns.
package enum Glob {
  package enum Failure: Error {
    case noMatch
    /// What glob(3) returned.
    case failed(Int32)
  }

  /// The corresponding C function is `glob`, with directories marked by `/`. Braces mean nothing.
  package static func paths(matching pattern: [UInt8]) throws(Failure) -> [[UInt8]] {
    var result = unsafe glob_t()
    defer { unsafe globfree(&result) }
    let pattern = (pattern + [0]).map { CChar(bitPattern: $0) }
    let status = unsafe CLinux.glob(pattern, GLOB_MARK, nil, &result)
    if status == GLOB_NOMATCH { throw .noMatch }
    if status != 0 { throw .failed(status) }
    var paths: [[UInt8]] = []
    for index in unsafe 0..<Int(result.gl_pathc) {
      guard let path = unsafe result.gl_pathv[index] else { continue }
      unsafe paths.append(Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
    }
    return paths
  }
}
