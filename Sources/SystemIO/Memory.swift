import CLinux

/// The memory of this process.
package enum Memory {
  /// Gives back what only the start needed: free heap, and the code that read the configuration.
  ///
  /// The kernel maps whole neighbourhoods of the program around each page that is touched; the
  /// start touches nearly all of it, a steady process a small part.
  package static func releaseStartup() {
    _ = malloc_trim(0)
    clinux_release_code()
  }
}
