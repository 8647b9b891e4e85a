import ConfigurationSyntax

/// An HTTP_GET or SSL_GET while it is read.
struct HTTPCheckDraft: CheckerDetails {
  var isTLS: Bool
  var version = HTTPCheck.Version.http10
  var virtualHost: String?
  var enablesSNI = false
  var sniName: String?
  var hasFastRecovery = false
  var isTLSCompliant = false
  var urls: [HTTPCheck.URL] = []

  init(isTLS: Bool) { self.isTLS = isTLS }

  func kinds(_ draft: CheckerDraft<Self>, _ reader: BlockReader) -> [Checker.Kind] {
    guard !urls.isEmpty else {
      reader.context.report(
        .general, "HTTP/SSL_GET checker has no urls specified - ignoring", at: reader.location,
        expected: "url { path PATH }")
      return []
    }
    guard let connection = draft.connection.completed(draft.server, reader) else { return [] }
    var check = HTTPCheck(connection: connection, isTLS: isTLS)
    check.version = version
    check.virtualHost = virtualHost
    check.enablesSNI = enablesSNI
    check.sniName = sniName
    check.hasFastRecovery = hasFastRecovery
    check.isTLSCompliant = isTLSCompliant
    check.urls = urls
    return [.http(check)]
  }
}

extension CheckerKeywords {
  private typealias Row = Keyword<CheckerDraft<HTTPCheckDraft>>

  /// The keywords of HTTP_GET.
  static let http = KeywordTable<CheckerDraft<HTTPCheckDraft>>(
    "HTTP_GET", webRows + [url(HTTPCheck.URL.keywords)])

  /// The keywords of SSL_GET.
  static let https = KeywordTable<CheckerDraft<HTTPCheckDraft>>(
    "SSL_GET",
    webRows + [
      .boolean(
        "tls_compliant", "Send close_notify at the end.",
        invalid: { "Invalid tls_compliant parameter \($1)" }
      ) { $0.details.isTLSCompliant = $1 },
      url(HTTPCheck.URL.tlsKeywords),
    ])

  private static let versions: [String: HTTPCheck.Version] = [
    "1.0": .http10, "1.0C": .http10Close, "1.0c": .http10Close, "1.1": .http11,
  ]

  private static let webRows: [Row] =
    Row.connection + common() + [
      .renamed(
        "nb_get_retry", to: retry(), message: "nb_get_retry is deprecated - please use 'retry'"),
      .string(
        "virtualhost", default: "virtualhost of the real server", "Host of the requests.",
        what: "HTTP_GET virtualhost", missing: "HTTP_GET virtualhost name missing",
        \.details.virtualHost),
      Row("http_protocol", "1.0|1.0C|1.0c|1.1", default: "1.0", "C: with Connection: close.") {
        draft, line, reader in
        guard line.words.count > 1 else {
          reader.context.report(.general, "Missing http_protocol version", at: line)
          return
        }
        let word = line.words[1].text
        guard let version = versions[word] else {
          reader.context.report(
            .general, "Invalid http_protocol version \(word)", at: line, word: 1,
            expected: "1.0, 1.0C, 1.0c or 1.1")
          return
        }
        draft.details.version = version
      },
      .boolean(
        "enable_sni", "Tell the name of the host by SNI; SSL_GET only.",
        invalid: { "Invalid enable_sni parameter \($1)" }
      ) { $0.details.enablesSNI = $1 },
      Row("sni_name", "[NAME]", default: "virtualhost", "The name for SNI, which it switches on.") {
        draft, line, reader in
        draft.details.enablesSNI = true
        guard line.words.count > 1 else { return }
        reader.context.replace(
          &draft.details.sniName, with: line.words[1].text, "HTTP_GET sni_name", at: line)
      },
      .boolean(
        "fast_recovery", "No pause between the urls while the server is down.",
        invalid: { "Invalid fast_recovery parameter \($1)" }
      ) { $0.details.hasFastRecovery = $1 },
    ]

  private static func url(_ table: KeywordTable<URLDraft>) -> Row {
    Row("url", "{ … }", default: "at least one", "A url that has to answer.") {
      draft, line, reader throws(ReadingStop) in
      var url = URLDraft()
      try reader.readBlock(table, into: &url)
      if let url = url.completed(reader) { draft.details.urls.append(url) }
    }
  }
}
