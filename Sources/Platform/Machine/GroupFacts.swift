/// What the control groups allow this process, and how often it had to wait for that.
package struct GroupFacts: Sendable, Hashable {
  /// Processors' worth of time that a quota pays for, the least of all groups; nil without a quota.
  package var quota: Double?
  /// Bytes of memory, the least of all groups; nil without a limit.
  package var memoryLimit: Int?
  /// How the quota was enforced in the process's own group.
  package var throttling: Throttling?

  /// Periods of a quota, and those in which the time ran out.
  package struct Throttling: Sendable, Hashable {
    /// Periods in which the group ran.
    package var periods: Int
    /// Periods in which it was stopped.
    package var throttled: Int
  }

  /// The groups that some files describe.
  package init(read: (String) -> String?) {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return
    }
    for mount in ControlGroup.mounts(mounts) {
      let isUnified = mount.controllers == nil
      for directory in ControlGroup.directories(of: mount, groups: groups) {
        func words(_ name: String) -> [Substring] {
          (read("\(directory)/\(name)") ?? "").split(whereSeparator: \.isWhitespace)
        }
        let time =
          isUnified ? words("cpu.max") : words("cpu.cfs_quota_us") + words("cpu.cfs_period_us")
        if let quota = Self.quota(time) { self.quota = min(quota, self.quota ?? quota) }
        let memory = words(isUnified ? "memory.max" : "memory.limit_in_bytes")
        if let limit = Self.limit(memory) { memoryLimit = min(limit, memoryLimit ?? limit) }
        // The innermost comes last.
        throttling = Throttling(counts: words("cpu.stat")) ?? throttling
      }
    }
  }

  /// The share of periods in which the group was stopped since an earlier moment; nil without a quota.
  package func throttledShare(since start: GroupFacts) -> Double? {
    guard quota != nil, let throttling, let before = start.throttling else { return nil }
    let periods = throttling.periods - before.periods
    return periods > 0 ? Double(throttling.throttled - before.throttled) / Double(periods) : 0
  }

  /// Processors' worth of time, from that in a period and the period's length.
  private static func quota(_ fields: [Substring]) -> Double? {
    guard fields.count == 2, let quota = Double(fields[0]), let period = Double(fields[1]),
      quota > 0, period > 0
    else { return nil }
    return quota / period
  }

  /// Bytes of memory; version 1 writes a number beyond all memory where there is no limit.
  private static func limit(_ fields: [Substring]) -> Int? {
    fields.first.flatMap { Int($0) }.flatMap { $0 < 1 << 60 ? $0 : nil }
  }
}

extension GroupFacts.Throttling {
  /// Takes what is counted from names with numbers behind them.
  fileprivate init?(counts: [Substring]) {
    func count(_ name: String) -> Int? {
      counts.firstIndex { $0 == name }.flatMap { index in
        index + 1 < counts.count ? Int(counts[index + 1]) : nil
      }
    }
    guard let periods = count("nr_periods"), let throttled = count("nr_throttled") else {
      return nil
    }
    self.init(periods: periods, throttled: throttled)
  }
}
