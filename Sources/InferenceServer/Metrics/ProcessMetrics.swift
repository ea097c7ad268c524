import Foundation
import GPTModel
import Platform
import Tensor

/// Asks the operating system about this process.
struct ProcessMetrics {
  /// The contents of a file, or nil.
  let read: (String) -> String?

  /// Reads from the machine.
  init(read: @escaping (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }) {
    self.read = read
  }

  /// The present figures.
  var figures: ProcessFigures {
    ProcessFigures(
      processorSeconds: processorSeconds, residentBytes: residentBytes,
      openFiles: try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count,
      throttling: throttling)
  }

  private var processorSeconds: Double? {
    var time = timespec()
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private var residentBytes: Int? {
    // Pages in all, resident pages, and others.
    guard let fields = read("/proc/self/statm")?.split(separator: " "), fields.count > 1,
      let pages = Int(fields[1])
    else { return nil }
    return pages * Int(getpagesize())
  }

  /// Figures of a control group's quota; nil where there is none.
  var throttling: ProcessFigures.Throttling? {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return nil
    }
    for mount in ControlGroup.mounts(mounts) {
      for directory in ControlGroup.directories(of: mount, groups: groups).reversed() {
        guard let fields = read(directory + "/cpu.stat").map(Self.fields),
          let periods = fields["nr_periods"], let throttled = fields["nr_throttled"]
        else { continue }
        // Version 2 counts microseconds, version 1 nanoseconds.
        let seconds =
          fields["throttled_usec"].map { Double($0) / 1e6 }
          ?? Double(fields["throttled_time"] ?? 0) / 1e9
        return ProcessFigures.Throttling(
          periods: periods, throttledPeriods: throttled, seconds: seconds)
      }
    }
    return nil
  }

  private static func fields(_ text: String) -> [Substring: Int] {
    var fields: [Substring: Int] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      if parts.count == 2, let value = Int(parts[1]) { fields[parts[0]] = value }
    }
    return fields
  }
}

/// Figures of a process at one moment; nil where the operating system has none.
struct ProcessFigures: Sendable, Hashable {
  /// How the control group that is nearest to the process was kept from running.
  struct Throttling: Sendable, Hashable {
    let periods: Int
    let throttledPeriods: Int
    let seconds: Double
  }

  let processorSeconds: Double?
  let residentBytes: Int?
  let openFiles: Int?
  /// Nil where there is no quota.
  let throttling: Throttling?
}

extension ProcessFigures {
  /// The prefix of the metrics that every process has.
  static let prefix = "process_"

  /// The metrics of every process.
  static let metrics: [Metric<ProcessFigures>] = [
    Metric("cpu_seconds_total", .counter, .seconds, "Processor time, of the kernel's too.") {
      $0.processorSeconds.map { .real($0) }
    },
    Metric("resident_memory_bytes", .gauge, .bytes, "Memory in use.") {
      $0.residentBytes.map { .integer($0) }
    },
    Metric("open_fds", .gauge, .files, "Open files and connections.") {
      $0.openFiles.map { .integer($0) }
    },
  ]

  /// The metrics of a process in a control group with a quota.
  static let quotaMetrics: [Metric<ProcessFigures>] = [
    Metric(
      "cgroup_cpu_periods_total", .counter, .periods, "Periods of the control group's quota."
    ) { $0.throttling.map { .integer($0.periods) } },
    Metric(
      "cgroup_cpu_throttled_periods_total", .counter, .periods,
      "Periods in which the quota ran out."
    ) { $0.throttling.map { .integer($0.throttledPeriods) } },
    Metric(
      "cgroup_cpu_throttled_seconds_total", .counter, .seconds, "Time spent waiting for new quota."
    ) { $0.throttling.map { .real($0.seconds) } },
  ]
}
