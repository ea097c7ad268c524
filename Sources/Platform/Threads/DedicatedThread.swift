import CPlatform

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A thread that runs one function and belongs to no pool of the language or the system.
// Unchecked: the handle never changes.
package struct DedicatedThread: @unchecked Sendable {
  private let handle: pthread_t

  /// What the thread is started with.
  private struct Start {
    let name: String
    let processor: Int?
    let body: @Sendable () -> Void
  }

  /// Starts a thread; nil when the system has none left.
  ///
  /// - Parameters:
  ///   - name: What tools show, at most 15 bytes.
  ///   - processor: The processor to stay on, counted in the process's mask; nil for any.
  ///   - body: What the thread runs.
  package init?(name: String, processor: Int? = nil, body: @escaping @Sendable () -> Void) {
    let start = UnsafeMutablePointer<Start>.allocate(capacity: 1)
    start.initialize(to: Start(name: name, processor: processor, body: body))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    // Signals are for the threads that expect them: a new thread inherits the mask.
    var all = sigset_t()
    var mask = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &mask)
    let failure = pthread_create(&thread, nil, Self.entry, start)
    pthread_sigmask(SIG_SETMASK, &mask, nil)
    let created: pthread_t? = thread
    guard failure == 0, let created else {
      start.deinitialize(count: 1)
      start.deallocate()
      return nil
    }
    handle = created
  }

  /// Waits for the thread's end.
  package func join() {
    pthread_join(handle, nil)
  }

  /// Lets the thread end on its own; nothing may wait for it afterwards.
  package func detach() {
    pthread_detach(handle)
  }

  #if canImport(Darwin)
    private typealias Entry =
      @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?
  #else
    private typealias Entry =
      @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?
  #endif

  private static let entry: Entry = { context in
    begin(context)
    return nil
  }

  private static func begin(_ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    let memory = context.assumingMemoryBound(to: Start.self)
    let start = memory.move()
    memory.deallocate()
    apus_name_thread(start.name)
    // A hint: a thread that is not tied works as well, only less evenly.
    if let processor = start.processor { _ = apus_pin_thread(Int32(truncatingIfNeeded: processor)) }
    start.body()
  }
}
