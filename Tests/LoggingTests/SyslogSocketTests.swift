import SystemIO
import SystemTestSupport
import Testing

@testable import Logging

@Suite("Syslog socket")
struct SyslogSocketTests {
  @Test("Messages that were lost are counted and told")
  func lost() throws {
    let directory = try ScratchDirectory()
    let socket = SyslogSocket(path: directory("socket"))
    for number in 1...3 { socket.send("message \(number)", priority: 30, second: 1) }
    let receiver = try DatagramReceiver(at: directory("socket"))
    // Where nobody was it is not looked again within the second.
    socket.send("message 4", priority: 30, second: 1)
    #expect(receiver.receive() == nil)
    socket.send("message 4", priority: 30, second: 2)
    #expect(receiver.receive() == "<30>keepalived: 4 log messages were lost")
    #expect(receiver.receive() == "<30>message 4")
    #expect(receiver.receive() == nil)
    socket.send("message 5", priority: 30, second: 2)
    #expect(receiver.receive() == "<30>message 5")
  }

  @Test("A daemon that does not read is never waited for")
  func full() throws {
    let directory = try ScratchDirectory()
    let receiver = try DatagramReceiver(at: directory("socket"))
    let socket = SyslogSocket(path: directory("socket"))
    for number in 0..<5000 { socket.send("message \(number)", priority: 30, second: 1) }
    var taken = 0
    while let message = receiver.receive() {
      #expect(message == "<30>message \(taken)")
      taken += 1
    }
    #expect(taken > 0 && taken < 5000)
    socket.send("last", priority: 30, second: 1)
    #expect(receiver.receive() == "<30>keepalived: \(5000 - taken) log messages were lost")
    #expect(receiver.receive() == "<30>last")
  }

  @Test("A daemon that was started again is found")
  func restart() throws {
    let directory = try ScratchDirectory()
    var receiver: DatagramReceiver? = try DatagramReceiver(at: directory("socket"))
    let socket = SyslogSocket(path: directory("socket"))
    socket.send("one", priority: 30, second: 1)
    #expect(receiver?.receive() == "<30>one")
    receiver = nil
    FileSystem.remove(directory("socket"))
    receiver = try DatagramReceiver(at: directory("socket"))
    socket.send("two", priority: 30, second: 1)
    #expect(receiver?.receive() == "<30>two")
  }

  @Test("A path that no address can hold is an error, and no endless loop")
  func longPath() {
    let path = "/tmp/" + String(repeating: "x", count: 200)
    #expect(throws: Errno.self) { try UnixDatagramSocket(connectedTo: path) }
    SyslogSocket(path: path).send("nobody hears it", priority: 30, second: 1)
  }
}
