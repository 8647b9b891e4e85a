import Primitives

/// What follows from how an attempt ended.
struct Judgement: Hashable, Sendable {
  /// The checker's opinion of the server, if it has one now.
  var verdict: Bool?
  var delay: Microseconds
  /// In order, before the verdict is carried out.
  var traces: [CheckTrace] = []
  /// Whether the checker has a result now: not after the first of several urls.
  var endsRun = true
  /// Whether it has one already when the verdict is carried out. Compatibility: an HTTP check that
  /// fails at first tells nobody of a server that was not up.
  var endsRunFirst = false

  init(verdict: Bool? = nil, delay: Microseconds, traces: [CheckTrace] = []) {
    self.verdict = verdict
    self.delay = delay
    self.traces = traces
  }
}
