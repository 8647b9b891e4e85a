import CLinux

/// A day; `day` may lie beyond its month's end, as mktime(3) allows.
package struct CalendarDate: Hashable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int

  package init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }
}

/// Between seconds since 1970 and what clocks on walls show.
package protocol Calendar {
  func date(of seconds: Int64, isUniversal: Bool) -> CalendarDate
  /// Nil for a time that does not exist.
  func seconds(_ date: CalendarDate, _ hour: Int, _ minute: Int, _ second: Int, isUniversal: Bool)
    -> Int64?
}

/// The calendar of the C library, in the system's time zone or in UTC.
package struct SystemCalendar: Calendar {
  package init() {}

  package func date(of seconds: Int64, isUniversal: Bool) -> CalendarDate {
    var time = time_t(seconds)
    var parts = unsafe tm()
    _ = unsafe isUniversal ? gmtime_r(&time, &parts) : localtime_r(&time, &parts)
    return unsafe CalendarDate(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
  }

  package func seconds(
    _ date: CalendarDate, _ hour: Int, _ minute: Int, _ second: Int, isUniversal: Bool
  ) -> Int64? {
    var parts = unsafe tm()
    unsafe parts.tm_year = Int32(clamping: date.year - 1900)
    unsafe parts.tm_mon = Int32(clamping: date.month - 1)
    unsafe parts.tm_mday = Int32(clamping: date.day)
    unsafe parts.tm_hour = Int32(clamping: hour)
    unsafe parts.tm_min = Int32(clamping: minute)
    unsafe parts.tm_sec = Int32(clamping: second)
    unsafe parts.tm_isdst = -1
    let result = unsafe isUniversal ? timegm(&parts) : mktime(&parts)
    // The hour that summer time leaves out comes back as another.
    guard result != -1, unsafe Int(parts.tm_hour) == hour, unsafe Int(parts.tm_min) == minute else {
      return nil
    }
    return Int64(result)
  }
}
