import ConfigurationSyntax
import Primitives

/// Any bytes as a configuration that may include itself and two other parts of the same bytes. The
/// reading has to end, in every view, with a status that is defined.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  check(bytes)
  if let snapshot = try? FilesSnapshot(decoding: bytes) {
    precondition(snapshot.encoded() == bytes, "a snapshot is not what it was decoded from")
    _ = read(ReplayedFiles(snapshot))
  }
  return 0
}

private func check(_ bytes: [UInt8]) {
  let files = MemoryFiles([
    "/etc/keepalived/keepalived.conf": .bytes(bytes),
    "/etc/keepalived/a": .bytes(Array(bytes.prefix(bytes.count / 2))),
    "/etc/keepalived/d/b": .bytes(Array(bytes.suffix(bytes.count / 2))),
    "/etc/keepalived/x": .notRegular,
  ])
  files.environmentVariables["HOME"] = "/root"
  let recording = RecordingFiles(files)
  let first = read(recording)
  let second = read(ReplayedFiles(recording.snapshot))
  precondition(first == second, "a replayed reading is not like the first")
}

private func read(_ files: any ConfigurationFiles) -> [String] {
  var limits = ReadingLimits()
  limits.generatedLines = 200
  limits.files = 20
  limits.alternatives = 64
  limits.includeDepth = 4
  limits.replacedBytes = 1 << 16
  limits.diagnostics = 200
  let context = ReadingContext(strictness: .run, limits: limits)
  let reading = ConfigurationReading(
    Array("keepalived.conf".utf8), files: files, configID: Array("high".utf8), context: context)
  var stop: ReadingStop?
  for view in ReadingView.allCases where stop == nil {
    var lines = 0
    do throws(ReadingStop) {
      try reading.read(as: view, root, into: &lines)
    } catch {
      stop = error
    }
  }
  let status = ReadingExitStatus.test(context.highestClass, stop: stop)
  precondition([0, 2, 4, 5, 6].contains(status))
  let texts = context.diagnostics.map { $0.rendered(.plain) }
  precondition(texts.allSatisfy { !$0.utf8.contains(10) }, "a diagnostic of two lines")
  for diagnostic in context.diagnostics { _ = diagnostic.rendered(.terminal) }
  return texts + [String(status)]
}

private let block = KeywordTable<Int>(
  "block",
  [
    Keyword("number", "N", "A number.") { lines, statement, reader throws(ReadingStop) in
      _ = try reader.context.unsigned(statement, 1, in: 1...255, .lenient)
      _ = try reader.context.signed(statement, 1, in: -254...254, .strict)
      _ = try reader.context.decimal(statement, 1, places: 6, in: 0...UInt64.max - 1, .lenient)
    },
    Keyword("script", "COMMAND", "A script.") { lines, statement, reader throws(ReadingStop) in
      _ = try reader.context.script(statement)
      _ = reader.context.escapedWords(statement)
    },
    Keyword("address", "ADDRESS", "An address.") { lines, statement, reader in
      for word in statement.words {
        _ = ReadingContext.address(word.text)
        _ = AddressRangeEnd(word.text, family: .ipv6)
        _ = HexString(word.text.utf8, allowMask: true)
      }
    },
  ])

private let root = KeywordTable<Int>(
  "root",
  [
    Keyword("block", "NAME", "A block.") { lines, statement, reader throws(ReadingStop) in
      _ = try statement.word(1)
      try reader.readBlock(block, into: &lines)
    },
    Keyword("list", "", "A list.") { lines, statement, reader throws(ReadingStop) in
      var count = 0
      try reader.readValues(of: statement) { _, _ in count += 1 }
      lines += count
    },
    Keyword("refused", "", "A refused block.") { lines, statement, reader throws(ReadingStop) in
      try reader.skipBlock()
    },
    Keyword("include_check", "", "All checks.") { lines, statement, reader in
      reader.context.includeChecks = .all
    },
  ], foreign: ForeignKeywords(["other"]) { lines, _ in lines += 1 })
