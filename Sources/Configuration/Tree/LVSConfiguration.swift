/// What the checker process works on.
package struct LVSConfiguration: Hashable, Sendable {
  /// In the order of the text.
  package var virtualServers: [VirtualServer] = []
  package var groups: [VirtualServerGroup] = []
  /// The `SSL` block.
  package var tls: TLSClientSettings?
  /// Those that a FILE_CHECK reads.
  package var trackFiles: [TrackFile] = []

  package init() {}
}

/// The `SSL` block: what SSL_GET shows of itself.
package struct TLSClientSettings: Hashable, Sendable {
  package var password: String?
  package var ca: String?
  package var certificate: String?
  package var key: String?

  package init() {}
}
