/// How the processors' time was spent so far, in ticks.
package struct ProcessorTime: Sendable, Hashable {
  /// All of it, on all processors.
  package var total: Int
  /// What programs had, this one included.
  package var busy: Int
  /// What another guest of the same machine had instead.
  package var stolen: Int
  /// What this process had.
  package var own: Int

  /// The time until now; nil where the system does not tell.
  package static func now() -> ProcessorTime? { ProcessorTime(read: SystemFile.read) }

  /// The time that some files tell.
  package init?(read: (String) -> String?) {
    // cpu user nice system idle iowait irq softirq steal, in ticks since the start of the machine.
    let ticks = (read("/proc/stat") ?? "").prefix { $0 != "\n" }
      .split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
    // number (name) state ...: user and system time are fields 14 and 15, counted from 1.
    guard ticks.count == 8, let process = read("/proc/self/stat"),
      let name = process.lastIndex(of: ")")
    else { return nil }
    let fields = process[process.index(after: name)...].split(separator: " ")
    guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
      return nil
    }
    total = ticks.reduce(0, +)
    stolen = ticks[7]
    busy = total - stolen - ticks[3] - ticks[4]
    own = user + system
  }

  /// The share of all processors' time that others had between an earlier moment and this one.
  package func share(ofOthersSince start: ProcessorTime) -> Double {
    let passed = total - start.total
    guard passed > 0 else { return 0 }
    let others = busy + stolen - own - (start.busy + start.stolen - start.own)
    return min(1, max(0, Double(others) / Double(passed)))
  }
}
