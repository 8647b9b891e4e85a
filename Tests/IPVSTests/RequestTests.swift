import IPVS
import Testing

@Suite("What the log says of failed requests")
struct RequestTests {
  let service = Sample.service(1)
  let destination = Sample.destination(1)

  @Test("The request is named by number, with its service and destination")
  func complaint() {
    #expect(
      Request(.addDestination(destination, service)).complaint(.exists, systemText: "")
        == "IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Destination already exists(17)"
        + " (10.0.0.1:tcp:80 -> 10.1.0.1:8080)")
    #expect(
      Request(.startDaemon(SyncDaemon(.master, interface: "eth0", syncID: 1)))
        .complaint(.exists, systemText: "")
        == "IPVS cmd IP_VS_SO_SET_STARTDAEMON(1163) error: Daemon has already run(17)")
    #expect(
      Request(.flush).complaint(.init(rawValue: 16), systemText: "Device or resource busy")
        == "IPVS cmd IP_VS_SO_SET_FLUSH(1157) error: Device or resource busy(16)")
  }

  @Test(
    "Each error has its text",
    arguments: [
      (Request.Action.addService(Sample.service(1)), 17, "Service already exists"),
      (.addService(Sample.service(1)), 2, "Scheduler or persistence engine not found"),
      (.changeService(Sample.service(1)), 2, "Scheduler or persistence engine not found"),
      (.deleteService(Sample.service(1)), 3, "No such service"),
      (
        .changeDestination(Sample.destination(1), Sample.service(1)), 2, "No such destination"
      ),
      (
        .deleteDestination(Sample.destination(1), Sample.service(1)), 2, "No such destination"
      ),
      (.stopDaemon(.master, syncID: 1), 3, "No daemon is running"),
      (.flush, 1, "Permission denied (you must be root)"),
      (.flush, 92, "Protocol not available"),
      (.flush, 12, "Memory allocation problem"),
      (.flush, 95, "Operation not supported with IPv6"),
      (.flush, 97, "Operation not supported with specified address family"),
      (.flush, 90, "Module is wrong version"),
      (.deleteService(Sample.service(1)), 2, "from the system"),
    ])
  func texts(action: Request.Action, number: Int32, text: String) {
    let line = Request(action).complaint(.init(rawValue: number), systemText: "from the system")
    #expect(line.contains("error: \(text)(\(number))"))
  }
}
