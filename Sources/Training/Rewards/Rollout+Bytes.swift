import Collectives
import GPTModel
import Tensor
import Tokenizers

extension RolloutWriter {
  /// The answers to all tasks, of which each process writes a share.
  ///
  /// - Parameter model: Loads the model; not called where this process has nothing to write.
  func answers(
    _ tasks: [Task], over group: any ProcessGroup, by model: () throws -> LoadedModel
  ) async throws -> [Rollout] {
    let own = Array(tasks[group.shares(of: tasks.count)[group.rank]])
    let written = own.isEmpty ? [] : try await answers(own, by: model())
    guard group.size > 1 else { return written }
    var rollouts: [Rollout] = []
    for bytes in try group.all(written.flatMap(\.bytes)) { rollouts += try Rollout.read(bytes) }
    return rollouts
  }
}

extension Rollout {
  /// The answer for other processes: counts, tokens, log p, text.
  fileprivate var bytes: [UInt8] {
    let text = Array(text.utf8)
    var bytes: [UInt8] = []
    bytes.append(little: UInt64(tokens.count))
    bytes.append(little: UInt64(text.count))
    bytes.append(isEnded ? 1 : 0)
    for token in tokens { bytes.append(little: UInt64(bitPattern: Int64(token))) }
    for value in logProbabilities { bytes.append(little: value.bitPattern) }
    return bytes + text
  }

  /// Reads the answers of a process.
  fileprivate static func read(_ bytes: [UInt8]) throws(TrainingError) -> [Rollout] {
    var rollouts: [Rollout] = []
    var place = 0
    while place < bytes.count {
      let rollout = try Rollout(bytes, at: &place)
      rollouts.append(rollout)
    }
    return rollouts
  }

  private init(_ bytes: [UInt8], at place: inout Int) throws(TrainingError) {
    guard place + 17 <= bytes.count else { throw Self.cut }
    let tokens = bytes.little(UInt64.self, at: place)
    let text = bytes.little(UInt64.self, at: place + 8)
    isEnded = bytes[place + 16] == 1
    place += 17
    let left = UInt64(bytes.count - place)
    guard tokens <= left / 16, text <= left - 16 * tokens else { throw Self.cut }
    for _ in 0..<tokens {
      self.tokens.append(Token(truncatingIfNeeded: bytes.little(UInt64.self, at: place)))
      place += 8
    }
    for _ in 0..<tokens {
      logProbabilities.append(Double(bitPattern: bytes.little(UInt64.self, at: place)))
      place += 8
    }
    self.text = String(decoding: bytes[place..<place + Int(text)], as: UTF8.self)
    place += Int(text)
  }

  private static var cut: TrainingError {
    TrainingError(.data, field: "answers", "those of another process are cut off")
  }
}
