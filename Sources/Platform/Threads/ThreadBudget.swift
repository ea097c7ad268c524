import CPlatform

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How many threads this process should compute with, and why.
public struct ThreadBudget: Sendable, Hashable {
  /// The number of threads, at least 1.
  public let count: Int
  /// What sets the number, in a few words.
  public let reason: String

  /// Creates a budget.
  public init(count: Int, reason: String) {
    self.count = count
    self.reason = reason
  }

  /// Processors in this thread's affinity mask; 0 where the system does not tell.
  package static var affinityCount: Int { Int(apus_affinity_count()) }

  /// The least of what the affinity mask, the cpuset and the processor quota allow.
  package static func measured() -> ThreadBudget {
    let mask = affinityCount
    if mask > 0 { return least(affinity: mask, read: SystemFile.read) }
    let online = max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1)
    let budget = least(affinity: online, read: SystemFile.read)
    return budget.count < online
      ? budget : ThreadBudget(count: online, reason: "\(online) processors online")
  }

  /// The least of a mask and of what the files of the control groups say.
  ///
  /// `read` gives a file's content, or nil where there is none.
  package static func least(affinity: Int, read: (String) -> String?) -> ThreadBudget {
    let mask = ThreadBudget(count: max(affinity, 1), reason: "affinity mask of \(affinity)")
    return ControlGroup.limits(read: read).reduce(mask) { $1.count < $0.count ? $1 : $0 }
  }
}
