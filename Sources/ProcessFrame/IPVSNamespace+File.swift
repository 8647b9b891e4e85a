package import Configuration

extension GlobalDefinitions.IPVSNamespace {
  /// The file of the network namespace whose IPVS is used; nil: that of this process.
  package var file: String? {
    switch self {
    case .own: nil
    case .initial: "/proc/1/ns/net"
    case .named(let name): "/run/netns/\(name)"
    }
  }
}
