import Exchanges
import Genhash
import Primitives
import Testing

@Suite("Options of genhash")
struct OptionTests {
  /// What is read of the words, and what is said about them.
  func parse(_ text: String) -> (options: GenhashOptions?, complaints: [String]) {
    var complaints: [String] = []
    let options = GenhashOptions.parse(text.split(separator: " ").map(String.init)) {
      complaints.append($0)
    }
    return (options, complaints)
  }

  @Test("Long and short options, attached values and abbreviations")
  func forms() {
    var expected = GenhashOptions()
    expected.server = IPAddress(parsing: "127.0.0.1")
    expected.port = 80
    expected.url = "/x"
    #expect(parse("-s 127.0.0.1 -p 80 -u /x").options == expected)
    expected.isVerbose = true
    expected.usesTLS = true
    #expect(parse("-vSp80 --serv=127.0.0.1 --url /y -u /x").options == expected)
    expected.usesSNI = true
    expected.virtualHost = "a"
    expected.mark = 4_294_967_295
    expected.version = .http10Close
    expected.timeout = .zero
    let all =
      "--use-ssl --use-sni --server 127.0.0.1/8 --port 80 --url /x --use-virtualhost a"
      + " --verbose --fwmark 4294967295 --protocol 1.0c --timeout 0"
    #expect(parse(all).options == expected)
    #expect(parse(all).complaints == [])
  }

  @Test("Without what is needed there is nothing but the usage")
  func missing() {
    for text in ["", "-h", "-s 127.0.0.1", "-s ::1 -p 1", "-p 1 -u /", "--help -q"] {
      #expect(parse(text).options == nil)
      #expect(parse(text).complaints == [])
    }
  }

  @Test(
    "What is wrong is said",
    arguments: [
      ("-s localhost -p 0", ["server should be an IP, not localhost"]),
      ("-p 0 -s x", ["invalid port number '0'"]), ("-p 65536", ["invalid port number '65536'"]),
      ("-p +5", ["invalid port number '+5'"]), ("-m -1", ["invalid fwmark '-1'"]),
      ("-P 1.2", ["invalid HTTP protocol version '1.2'"]), ("-t 1.5", ["invalid timeout '1.5'"]),
      ("-t 4295", ["invalid timeout '4295'"]),
      (
        "-x --bogus -p",
        ["Unknown option -x", "Unknown option --bogus"]
          + ["Missing parameter for option -p"]
      ),
      ("--port", ["Missing parameter for option --port"]),
      ("-s 127.0.0.1 -p 80 -u / a b", ["Unexpected argument(s): a b"]),
      ("--use -p 1", ["Unknown option --use"]),
    ])
  func wrong(text: String, complaints: [String]) {
    #expect(parse(text).options == nil)
    #expect(parse(text).complaints == complaints)
  }

  @Test("The name of the program decides")
  func name() {
    #expect(Genhash.isName("/usr/bin/genhash") && Genhash.isName("genhash"))
    #expect(!Genhash.isName("/usr/bin/genhash2") && !Genhash.isName(nil))
  }
}
