import CKernels

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How a thread waits for another: first spinning, then giving way, until it had better sleep.
struct Patience {
  /// Spinning alone, in nanoseconds: longer than the gaps within a step.
  private static let spinning: UInt64 = 50_000
  /// Spinning and giving way: longer than what usually lies between two steps.
  private static let limit: UInt64 = 200_000
  /// Spins between two looks at the clock.
  private static let spinsPerLook = 32

  private var spins = 0
  private var start: UInt64?
  private var elapsed: UInt64 = 0

  /// Whether waiting awake no longer pays.
  var isExhausted: Bool { elapsed > Self.limit }

  /// Waits a moment.
  mutating func wait() {
    apus_pause()
    spins &+= 1
    guard spins.isMultiple(of: Self.spinsPerLook) else { return }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    elapsed = now &- (start ?? now)
    start = start ?? now
    if elapsed > Self.spinning { sched_yield() }
  }
}
