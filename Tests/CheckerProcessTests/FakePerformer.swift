import IPVS

@testable import CheckerProcess

/// Writes down what is asked for, and refuses what it is told to refuse.
final class FakePerformer: RequestPerformer {
  var performed: [Request.Action] = []
  var refusal: (Request.Action) -> RequestFailure? = { _ in nil }

  func perform(_ requests: [Request], failed: (Request, RequestFailure) -> Void) {
    for request in requests {
      performed.append(request.action)
      if let failure = refusal(request.action) { failed(request, failure) }
    }
  }

  /// What was asked for since the last call.
  func take() -> [Request.Action] {
    defer { performed = [] }
    return performed
  }
}
