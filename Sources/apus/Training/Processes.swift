import Collectives
import Foundation
import Synchronization
import Tensor

/// The processes of one `mpirun`, where there is one.
enum Processes {
  /// They, started by whoever asks first.
  static let started = Result { () throws(ProcessGroupError) in
    let group = try MPIGroup.world(ProcessInfo.processInfo.environment)
    isStarted.store(true, ordering: .relaxed)
    return group
  }

  private static let isStarted = Atomic(false)

  private static var group: (any ProcessGroup)? {
    isStarted.load(ordering: .relaxed) ? try? started.get() : nil
  }

  /// Whether this process writes and speaks.
  static var isFirst: Bool { group?.isFirst ?? true }

  /// The processors that this process may use; those that nobody has set apart for it are divided.
  static func usualThreads(_ group: any ProcessGroup) -> Int {
    let usable = Processor.usableThreads().count
    let isBound = usable < ProcessInfo.processInfo.processorCount
    return isBound ? usable : max(usable / group.localSize, 1)
  }

  /// Waits for the others to come to their ends, too.
  static func end(_ code: Int32 = 0) { group?.end(code) }

  /// Ends all with an exit code; returns where this one is alone.
  static func abort(_ code: Int32) { group?.abort(code) }

  /// Says why the run fails, and ends all.
  static func fail(_ reason: String) {
    let number = isFirst ? "" : "process \(group?.rank ?? 0): "
    printError("apus: \(number)\(reason)")
    abort(65)
  }
}
