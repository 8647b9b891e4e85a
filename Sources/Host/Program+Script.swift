package import Configuration
package import SystemIO

extension Program {
  /// How a configured script is run, with words behind its arguments.
  package init(_ script: Script, appending arguments: [String] = []) {
    let account = Account(script.account)
    switch script.form {
    case .program:
      self.init(path: script.path, arguments: script.arguments + arguments, account: account)
    case .shell:
      self.init(
        path: "/bin/sh", arguments: ["sh", script.path] + script.arguments.dropFirst() + arguments,
        account: account)
    case .fileTest:
      // `</path`: whether that account can open it.
      let path = String(script.path.drop { $0 == "<" || $0 == " " })
      self.init(path: "/bin/sh", arguments: ["sh", "-c", ": < \"$0\"", path], account: account)
    }
  }
}
