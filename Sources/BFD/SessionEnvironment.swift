import Primitives
import Wire

/// What the sessions of a process share: chance, and whose discriminator is whose.
struct SessionEnvironment {
  var random: any RandomNumberGenerator & Sendable
  private(set) var owners: [Discriminator: SessionIndex] = [:]

  init(random: any RandomNumberGenerator & Sendable) { self.random = random }

  /// A discriminator that no session has: random, not zero (RFC 5880 6.3, 6.8.1).
  mutating func drawDiscriminator(for index: SessionIndex, instead old: Discriminator)
    -> Discriminator
  {
    owners[old] = nil
    var candidate = UInt32(truncatingIfNeeded: random.next())
    // Ends: there are fewer sessions than numbers. A source that repeats itself does no harm.
    while candidate == 0 || owners[Discriminator(rawValue: candidate)] != nil { candidate &+= 1 }
    let discriminator = Discriminator(rawValue: candidate)
    owners[discriminator] = index
    return discriminator
  }

  mutating func forgetOwners() { owners = [:] }

  mutating func release(_ discriminator: Discriminator) { owners[discriminator] = nil }

  mutating func keep(_ discriminator: Discriminator, for index: SessionIndex) {
    owners[discriminator] = index
  }

  /// An interval with jitter: 75 to 90 percent of it, whatever the multiplier (RFC 5880 6.8.7 asks
  /// for it where the multiplier is 1).
  mutating func jittered(_ interval: Microseconds) -> Microseconds {
    let least = max(0, interval.count / 10)
    let most = max(least, interval.count / 4)
    // The remainder is biased by less than a millionth.
    let span = UInt64(most - least) + 1
    return interval - Microseconds(least + Int64(random.next() % span))
  }
}
