import Primitives
import SystemIO

/// When a reload is to happen, as the first line of a `reload_time_file` has it: `HH:MM:SS`,
/// `YY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM:SS`, in UTC with a `Z` behind it.
struct ReloadTime: Hashable {
  /// Seconds since 1970.
  let seconds: Int64
  /// Without one the file means every day.
  let hasDate: Bool

  enum Failure: Error, Hashable {
    case format
    /// A date or a time that does not exist.
    case invalid
    case past
  }

  /// `calendar` turns broken-down time into seconds, and back.
  init(_ line: String, now: Int64, calendar: some Calendar) throws(Failure) {
    var text = line[...]
    let isUniversal = text.last == "Z"
    if isUniversal { text = text.dropLast() }
    guard text.utf8.count <= 20, text.utf8.count >= 8 else { throw .format }
    let time = try Self.numbers(text.suffix(8), [2, 2, 2], separator: ":")
    guard time[0] < 24, time[1] < 60, time[2] < 60 else { throw .invalid }
    let date = text.dropLast(8)
    guard !date.isEmpty else {
      hasDate = false
      let today = calendar.date(of: now, isUniversal: isUniversal)
      seconds = try Self.next(today, time, after: now, calendar, isUniversal)
      return
    }
    guard date.last == " " else { throw .format }
    let yearDigits = date.utf8.count - 7
    guard yearDigits == 2 || yearDigits == 4 else { throw .format }
    let numbers = try Self.numbers(date.dropLast(), [yearDigits, 2, 2], separator: "-")
    let year = yearDigits == 2 ? 2000 + numbers[0] : numbers[0]
    let day = CalendarDate(year: year, month: numbers[1], day: numbers[2])
    guard (1...12).contains(day.month), (1...31).contains(day.day),
      let moment = calendar.seconds(day, time[0], time[1], time[2], isUniversal: isUniversal)
    else { throw .invalid }
    guard moment > now else { throw .past }
    seconds = moment
    hasDate = true
  }

  /// Today, or tomorrow if the time has passed.
  private static func next(
    _ today: CalendarDate, _ time: [Int], after now: Int64, _ calendar: some Calendar,
    _ isUniversal: Bool
  ) throws(Failure) -> Int64 {
    for offset in 0...1 {
      let day = CalendarDate(year: today.year, month: today.month, day: today.day + offset)
      guard
        let moment = calendar.seconds(day, time[0], time[1], time[2], isUniversal: isUniversal)
      else { throw .invalid }
      if moment > now { return moment }
    }
    throw .invalid
  }

  private static func numbers(_ text: Substring, _ digits: [Int], separator: Character)
    throws(Failure) -> [Int]
  {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == digits.count else { throw .format }
    var numbers: [Int] = []
    for (part, count) in zip(parts, digits) {
      guard part.utf8.count == count, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(part)
      else { throw .format }
      numbers.append(number)
    }
    return numbers
  }
}
