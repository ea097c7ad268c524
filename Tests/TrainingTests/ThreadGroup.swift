import Collectives
import Foundation
import Platform

/// Processes that are threads of this one, for tests of what processes do together.
// Unchecked: a lock guards what they share.
final class ThreadGroup: ProcessGroup, @unchecked Sendable {
  /// What all share.
  private final class Room: @unchecked Sendable {
    let lock = Condition()
    var arrived = 0
    var round = 0
    var sources: [(base: UnsafeMutableRawPointer, ranges: [Range<Int>])?]

    init(size: Int) { sources = Array(repeating: nil, count: size) }

    /// Waits for all.
    func meet() {
      lock.lock()
      defer { lock.unlock() }
      let own = round
      arrived += 1
      if arrived == sources.count {
        (arrived, round) = (0, round + 1)
        lock.unlock()
        lock.wakeAll()
        lock.lock()
      }
      while own == round { lock.wait() }
    }

    func put(_ rank: Int, _ base: UnsafeMutableRawPointer, _ ranges: [Range<Int>]) {
      lock.lock()
      sources[rank] = (base, ranges)
      lock.unlock()
    }
  }

  let rank: Int
  var size: Int { room.sources.count }
  var localSize: Int { size }
  private(set) var sentBytes = 0
  var patience = 600.0
  private let room: Room

  private init(_ room: Room, rank: Int) {
    self.room = room
    self.rank = rank
  }

  /// Runs `body` as each of several processes, and returns what each gave.
  static func run<Value: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (ThreadGroup) throws -> Value
  ) throws -> [Value] {
    let room = Room(size: size)
    let results = Results<Value>(size)
    let all = DispatchGroup()
    for rank in 0..<size {
      all.enter()
      Thread.detachNewThread {
        results.put(Result { try body(ThreadGroup(room, rank: rank)) }, rank)
        all.leave()
      }
    }
    all.wait()
    return try results.all()
  }

  // Unchecked: a lock guards them.
  private final class Results<Value: Sendable>: @unchecked Sendable {
    private let lock = Condition()
    private var values: [Result<Value, any Error>?]

    init(_ size: Int) { values = Array(repeating: nil, count: size) }

    func put(_ value: Result<Value, any Error>, _ rank: Int) {
      lock.lock()
      values[rank] = value
      lock.unlock()
    }

    func all() throws -> [Value] { try values.compactMap { try $0?.get() } }
  }

  func exchange(
    _ sent: Parts<UnsafePointer<Float>>, into received: Parts<UnsafeMutablePointer<Float>>
  ) {
    room.put(rank, UnsafeMutableRawPointer(mutating: sent.base), sent.ranges)
    room.meet()
    for (other, to) in received.ranges.enumerated() {
      guard let source = room.sources[other] else { continue }
      precondition(source.ranges[rank].count == to.count, "a part of another length")
      let from = source.base.assumingMemoryBound(to: Float.self)
      (received.base + to.lowerBound)
        .update(from: from + source.ranges[rank].lowerBound, count: to.count)
      if other != rank { sentBytes += 4 * sent.ranges[other].count }
    }
    room.meet()
  }

  func gather(_ values: Parts<UnsafeMutablePointer<Float>>) { copy(values) }

  func gather(_ bytes: Parts<UnsafeMutablePointer<UInt8>>) { copy(bytes) }

  private func copy<Element>(_ parts: Parts<UnsafeMutablePointer<Element>>) {
    room.put(rank, UnsafeMutableRawPointer(parts.base), parts.ranges)
    room.meet()
    for (other, range) in parts.ranges.enumerated() where other != rank {
      guard let source = room.sources[other] else { continue }
      precondition(source.ranges == parts.ranges, "other parts")
      let from = source.base.assumingMemoryBound(to: Element.self)
      (parts.base + range.lowerBound).update(from: from + range.lowerBound, count: range.count)
    }
    sentBytes += (size - 1) * MemoryLayout<Element>.stride * parts.ranges[rank].count
    room.meet()
  }

  func end(_ code: Int32) {}

  func abort(_ code: Int32) {}
}
