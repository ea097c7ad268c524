import Foundation
import Platform
import Tensor

/// What the operating system says of this process, as of now.
struct ProcessMetrics {
  /// The contents of a file, or nil.
  let read: (String) -> String?

  /// Reads from the machine.
  init(read: @escaping (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }) {
    self.read = read
  }

  /// Writes all that can be found out.
  func write(to text: inout PrometheusText) {
    if let seconds = processorSeconds {
      text.write(
        .counter, "process_cpu_seconds_total", "Processor time, of the kernel's too.", seconds)
    }
    if let bytes = residentBytes {
      text.write(.gauge, "process_resident_memory_bytes", "Memory in use.", bytes)
    }
    if let count = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
      text.write(.gauge, "process_open_fds", "Open files and connections.", count)
    }
    writeThrottling(to: &text)
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

  /// How the control group that is nearest to the process was kept from running.
  private func writeThrottling(to text: inout PrometheusText) {
    guard let throttling else { return }
    text.write(
      .counter, "apus:cgroup_cpu_periods_total", "Periods of the control group's quota.",
      throttling.periods)
    text.write(
      .counter, "apus:cgroup_cpu_throttled_periods_total", "Periods in which the quota ran out.",
      throttling.throttledPeriods)
    text.write(
      .counter, "apus:cgroup_cpu_throttled_seconds_total", "Time spent waiting for new quota.",
      throttling.seconds)
  }

  /// Figures of a control group's quota; nil where there is none.
  var throttling: (periods: Int, throttledPeriods: Int, seconds: Double)? {
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
        return (periods, throttled, seconds)
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
