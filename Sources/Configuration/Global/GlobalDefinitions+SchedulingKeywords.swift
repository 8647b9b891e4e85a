import ConfigurationSyntax
import Primitives

extension GlobalDefinitions {
  static let autoPriorityKeywords: [GlobalKeyword] = [
    GlobalKeyword(
      "max_auto_priority", "[N]", range: "-1 to 99; without N 99", default: "0 (off)",
      "Highest real-time priority that a late process gives itself; -1 is off without a notice."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reading.global.maxAutoPriority = .upTo(99)
        return
      }
      guard let value = try reader.context.signed(line, 1, in: -1...99, .lenient) else {
        reader.context.report(
          .general,
          "max_auto_priority '\(try line.word(1).text)' must be in [0, 99] (or -1 to disable)"
            + " - ignoring", at: line, word: 1)
        return
      }
      switch value {
      case ..<0: reading.global.maxAutoPriority = .off
      case 0: reading.global.maxAutoPriority = .notSet
      default: reading.global.maxAutoPriority = .upTo(UInt8(truncatingIfNeeded: value))
      }
    },
    GlobalKeyword(
      "min_auto_priority_delay", "MICROSECONDS", range: "1 to 10000000", default: "1000000",
      "Lateness that raises the priority."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(
          .general, "min_auto_priority_delay requires delay time", at: line)
        return
      }
      guard let value = try reader.context.unsigned(line, 1, in: 1...10_000_000, .lenient) else {
        reader.context.report(
          .general,
          "min_auto_priority_delay '\(try line.word(1).text)' must be in [1, 10000000] - ignoring",
          at: line, word: 1)
        return
      }
      reading.global.minAutoPriorityDelay = Microseconds(Int64(value))
    },
  ]

  /// The keywords of one child process.
  static func scheduling(
    _ name: String,
    _ property: any WritableKeyPath<GlobalDefinitions, ProcessScheduling> & Sendable
  ) -> [GlobalKeyword] {
    let limit = timeLimit(name, property)
    return [
      priority(name, property),
      .flag("\(name)_no_swap", "Lock the memory of the \(name) process.") {
        $0.global[keyPath: property].noSwap = true
      },
      realTimePriority(name, property),
      affinity(name, property),
      limit,
      .renamed(
        "\(name)_rlimit_rtime", to: limit, class: .note,
        message: "Keyword '\(name)_rlimit_rtime' is deprecated - please use '\(name)_rlimit_rttime'"
      ),
    ]
  }

  private typealias Property = any WritableKeyPath<GlobalDefinitions, ProcessScheduling> & Sendable

  private static func priority(
    _ name: String, _ property: Property
  ) -> GlobalKeyword {
    GlobalKeyword(
      "\(name)_priority", "N", range: "-20 to 19", default: "0 (unchanged)",
      "Nice value of the \(name) process."
    ) { reading, line, reader throws(ReadingStop) in
      reading.global[keyPath: property].priority = 0
      guard line.words.count > 1 else {
        reader.context.report(.general, "No \(name) process priority specified", at: line)
        return
      }
      guard let value = try reader.context.signed(line, 1, in: -20...19, .lenient) else {
        reader.context.report(
          .general, "Invalid \(name) process priority specified", at: line, word: 1,
          expected: "a number from -20 to 19")
        return
      }
      reading.global[keyPath: property].priority = Int8(truncatingIfNeeded: value)
    }
  }

  private static func realTimePriority(
    _ name: String, _ property: Property
  ) -> GlobalKeyword {
    GlobalKeyword(
      "\(name)_rt_priority", "N", range: "1 to 99, clamped", default: "off",
      "SCHED_RR priority of the \(name) process."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "No \(name) process real-time priority specified", at: line)
        return
      }
      let range = Int64(Int32.min)...Int64(Int32.max)
      guard let value = try reader.context.signed(line, 1, in: range, .lenient) else { return }
      let text = "\(name) process real-time priority \(value)"
      if value < 1 {
        reader.context.report(
          .general, "\(text) less than minimum 1 - setting to minimum", at: line, word: 1)
      } else if value > 99 {
        reader.context.report(
          .general, "\(text) greater than maximum 99 - setting to maximum", at: line, word: 1)
      }
      reading.global[keyPath: property].rtPriority =
        UInt8(truncatingIfNeeded: min(max(value, 1), 99))
    }
  }

  private static func affinity(
    _ name: String, _ property: Property
  ) -> GlobalKeyword {
    GlobalKeyword(
      "\(name)_cpu_affinity", "N [N …]", range: "0 to the last processor", default: "all",
      "Processors of the \(name) process."
    ) { reading, line, reader throws(ReadingStop) in
      guard line.words.count > 1 else {
        reader.context.report(.general, "No \(name) cpu_id set specified", at: line)
        return
      }
      let last = Int64(max(reading.host.onlineProcessors, 1) - 1)
      var processors: [UInt32] = []
      for index in 1..<line.words.count {
        guard let value = try reader.context.signed(line, index, in: 0...last, .lenient) else {
          reader.context.report(
            .general,
            "Invalid cpu_id:\(try line.word(index).text) specified for \(name) process",
            at: line, word: index, expected: "a number from 0 to \(last)")
          processors = []
          break
        }
        processors.append(UInt32(truncatingIfNeeded: value))
      }
      reading.global[keyPath: property].cpuAffinity = processors
    }
  }

  private static func timeLimit(
    _ name: String, _ property: Property
  ) -> GlobalKeyword {
    .unsigned(
      "\(name)_rlimit_rttime", "MICROSECONDS", 1...UInt64(UInt32.max), default: "10000",
      "RLIMIT_RTTIME of the \(name) process under real-time scheduling.",
      invalid: { "Invalid \(name) real-time limit - \($1)" },
      otherwise: { $0.global[keyPath: property].rlimitRttime = nil }
    ) { $0.global[keyPath: property].rlimitRttime = Microseconds(Int64(max($1, 2))) }
  }
}
