import CLinux
package import Primitives

/// What the C library finds by name: hosts and protocols. May wait for servers: never in a child.
package enum NameLookup {
  /// The first address of a host. Waits for the resolver: never in a child.
  package static func address(of host: String) -> IPAddress? {
    var first: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, nil, nil, &first) == 0, let entry = unsafe first else {
      return nil
    }
    defer { unsafe freeaddrinfo(entry) }
    guard let address = unsafe entry.pointee.ai_addr else { return nil }
    var storage = sockaddr_storage()
    let length = unsafe min(Int(entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
    unsafe withUnsafeMutableBytes(of: &storage) {
      unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
    }
    return IPAddress(storage)
  }

  /// The full name of a host. Waits for the resolver.
  package static func canonicalName(of host: String) -> String? {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_CANONNAME
    var first: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, nil, &hints, &first) == 0, let entry = unsafe first else {
      return nil
    }
    defer { unsafe freeaddrinfo(entry) }
    return unsafe entry.pointee.ai_canonname.map { unsafe String(cString: $0) }
  }

  package static func protocolNumber(_ name: String) -> Int32? {
    guard let entry = unsafe getprotobyname(name) else { return nil }
    return unsafe entry.pointee.p_proto
  }
}
