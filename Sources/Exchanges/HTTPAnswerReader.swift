package import SystemIO
package import Wire

/// What came of a request.
package struct HTTPAnswer: Sendable {
  /// Nil if what came holds none.
  package var head: HTTPResponseHead?
  /// Octets behind the head.
  package var received: UInt64 = 0
  /// MD5 of the body, as far as the head says it goes; nil if it was not asked for.
  package var digest: [UInt8]?
  package var isRegexMatched = false
  /// Nobody knows whether it would have matched.
  package var isRegexGivenUp = false
  /// What may have become a match was too long to be kept.
  package var isRegexDiscarded = false
  /// TLS has failed behind what was read.
  package var fault: TLSFault?
}

/// Sees an answer come in, each piece as it was read.
package protocol HTTPObserver: AnyObject {
  /// There is something new of the head, which may not be whole yet.
  func headGrew()
  func headEnded(_ head: Span<UInt8>)
  /// What of the body counts for the digest.
  func bodyGrew(_ body: Span<UInt8>, withHead: Bool)
}

/// Makes an answer of what is read.
final class HTTPAnswerReader {
  private(set) var answer = HTTPAnswer()
  /// What has to stand in front of what is read next.
  private(set) var kept: [UInt8] = []
  /// The head is longer than any that is accepted.
  private(set) var isRefused = false
  weak var observer: (any HTTPObserver)?
  /// Made when it is needed first.
  private var digest: MessageDigest?
  private var isDigesting = false
  private var regex: RegexSearch?

  /// False if a digest is wanted and OpenSSL has none.
  func begin(wantsDigest: Bool, regex: RegexSearch?) -> Bool {
    self.regex = regex
    answer = HTTPAnswer()
    kept = []
    isRefused = false
    isDigesting = wantsDigest
    if !wantsDigest { return true }
    digest = digest ?? MessageDigest()
    digest?.begin()
    return digest != nil
  }

  /// Whether the head has come, all of it.
  var hasHead: Bool { answer.head != nil }

  /// How much may be read at once.
  var limit: Int {
    // Where one piece ends and the next one begins can be seen.
    let isPieced = answer.head == nil || observer != nil || regex?.isOver == false
    return isPieced ? HTTPResponseHead.longest - kept.count : .max
  }

  /// `buffer` holds what was kept, and what was read.
  func take(_ buffer: Span<UInt8>) {
    if answer.head == nil {
      takeHead(buffer)
    } else {
      take(body: buffer.extracting(kept.count...), withHead: false)
      search(buffer)
    }
  }

  private func search(_ buffer: Span<UInt8>) {
    guard let first = regex?.search(buffer) else { return }
    kept = (first..<buffer.count).map { buffer[$0] }
  }

  private func takeHead(_ buffer: Span<UInt8>) {
    observer?.headGrew()
    guard let head = HTTPResponseHead(decoding: buffer, searched: kept.count) else {
      isRefused = buffer.count >= HTTPResponseHead.longest
      kept = buffer.indices.map { buffer[$0] }
      return
    }
    answer.head = head
    kept = []
    observer?.headEnded(buffer.extracting(..<head.length))
    let body = buffer.extracting(head.length...)
    if body.count == 0 { return }
    take(body: body, withHead: true)
    // Compatibility: the head is looked at, too, if it has not come alone.
    search(buffer)
  }

  private func take(body: Span<UInt8>, withHead: Bool) {
    let announced = answer.head?.contentLength ?? .max
    let left = announced > answer.received ? announced - answer.received : 0
    let counted = body.extracting(first: Int(clamping: left))
    answer.received &+= UInt64(body.count)
    if isDigesting { digest?.add(counted) }
    if counted.count > 0 { observer?.bodyGrew(counted, withHead: withHead) }
  }

  func end(_ fault: TLSFault?) -> HTTPAnswer {
    answer.fault = fault
    if isDigesting, let digest { answer.digest = digest.end() }
    kept = []
    if let regex {
      answer.isRegexMatched = regex.isMatched
      answer.isRegexGivenUp = regex.isGivenUp
      answer.isRegexDiscarded = regex.hasDiscarded
    }
    return answer
  }
}
