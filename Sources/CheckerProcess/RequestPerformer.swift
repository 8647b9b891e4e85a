import IPVS
import Kernel
import SystemIO

/// What carries out requests of IPVS: the kernel, or what stands for it in tests.
protocol RequestPerformer: AnyObject {
  /// All of them, in their order; `failed` is told of each that was refused.
  func perform(_ requests: [Request], failed: (Request, RequestFailure) -> Void)
}

extension IPVSChannel: RequestPerformer {}

extension RequestPerformer {
  /// Nil if it succeeded.
  func perform(_ action: Request.Action) -> RequestFailure? {
    var failure: RequestFailure?
    perform([Request(action)]) { failure = $1 }
    return failure
  }
}
