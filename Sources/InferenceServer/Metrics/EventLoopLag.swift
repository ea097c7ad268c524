import NIOCore
import NIOPosix

/// How long the threads that serve connections take to get to something new.
enum EventLoopLag {
  /// Asks each thread once, now, and waits for the slowest; in seconds.
  static func measure(
    _ group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) async -> Double {
    let start = ContinuousClock.now
    let answers = group.makeIterator().map { loop in loop.submit { ContinuousClock.now - start } }
    var longest = Duration.zero
    for answer in answers {
      // A loop that is shut down has no delay.
      longest = max(longest, (try? await answer.get()) ?? .zero)
    }
    return longest / .seconds(1)
  }
}
