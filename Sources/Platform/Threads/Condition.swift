#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A lock with a place to sleep.
// POSIX rather than `Mutex`, which thread sanitizers do not understand on Linux.
// Unchecked: the two are made to be shared.
package final class Condition: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Creates a lock that nobody holds.
  package init() {
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Waits for the lock and takes it.
  package func lock() {
    pthread_mutex_lock(mutex)
  }

  /// Gives the lock back.
  package func unlock() {
    pthread_mutex_unlock(mutex)
  }

  /// Sleeps, without the lock, until woken, or for no reason at all.
  package func wait() {
    pthread_cond_wait(condition, mutex)
  }

  /// Wakes all sleepers; the lock orders this after the decision of any of them to sleep.
  package func wakeAll() {
    lock()
    pthread_cond_broadcast(condition)
    unlock()
  }
}
