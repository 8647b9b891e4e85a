import ConfigurationSyntax
import Primitives

/// Any bytes as what a child gets from its parent: an error, or a snapshot that is written again as
/// it was and that can be read from to the end.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  guard let snapshot = try? FilesSnapshot(decoding: bytes) else { return 0 }
  precondition(snapshot.encoded() == bytes, "a snapshot is not what it was decoded from")
  let files = ReplayedFiles(snapshot)
  _ = files.workingDirectory() + files.nodeName()
  for variable in snapshot.variables { _ = files.environment(variable.name) }
  for answer in snapshot.answers {
    switch answer {
    case .match(let pattern, let directory, let match):
      precondition(files.match(pattern, in: directory) == match)
    case .read(let path, let directory, let contents):
      let answer = files.read(path, in: directory, limit: 16)
      precondition(answer == contents || answer == .tooLarge)
    case .directory(let path, let directory, let lookup):
      precondition(files.directory(of: path, in: directory) == lookup)
    }
  }
  precondition(!files.hasDiverged, "a question that was recorded has no answer")
  return 0
}
