import JSON

/// What a run was started with, and how far it came: a checkpoint's `state.json`.
package struct RunState: Sendable, Hashable {
  /// What the numbers of a run depend on, by name: sizes, settings, hashes of the corpus and the tokenizer.
  /// A run goes on only where all are the same.
  package var identity: [String: String]
  /// Steps made.
  package var step: Int
  /// Steps of the optimizer, which skipped steps are not.
  package var optimizerSteps: Int

  private static let name = "state.json"
  private static let version = 1

  /// Names all.
  package init(identity: [String: String], step: Int, optimizerSteps: Int) {
    self.identity = identity
    self.step = step
    self.optimizerSteps = optimizerSteps
  }

  /// A checkpoint of the trainer.
  package func checkpoint(_ trainer: Trainer) -> Checkpoint {
    var json = JSONWriter()
    json.object { json in
      json.member("version", Self.version)
      json.member("step", step)
      json.member("optimizer_steps", optimizerSteps)
      json.member("identity") { json in
        json.object { json in
          for (name, value) in identity.sorted(by: { $0.key < $1.key }) {
            json.member(name, value)
          }
        }
      }
    }
    let optimizer = trainer.optimizer
    return Checkpoint(
      step: step,
      files: [
        Self.name: json.bytes,
        "model.safetensors": trainer.tensorFile(trainer.stepped, prefix: ""),
        "optimizer-0000.safetensors": trainer.tensorFile(optimizer.first, prefix: "first."),
        "optimizer-0001.safetensors": trainer.tensorFile(optimizer.second, prefix: "second."),
      ])
  }

  /// Puts a trainer where a checkpoint was made.
  ///
  /// - Throws: An error that names what differs between the run of the checkpoint and this one.
  package static func restore(
    _ checkpoint: Checkpoint, into trainer: Trainer, identity: [String: String]
  ) throws(TrainingError) -> RunState {
    let state = try RunState(decoding: file(name, checkpoint))
    for name in Set(identity.keys).union(state.identity.keys).sorted()
    where identity[name] != state.identity[name] {
      let (now, then) = (identity[name] ?? "nothing", state.identity[name] ?? "nothing")
      throw TrainingError(
        .configuration, field: name, "the checkpoint was made with \(then), not with \(now)")
    }
    guard state.step == checkpoint.step else {
      throw TrainingError(.corrupt, field: name, "step \(state.step), not \(checkpoint.step)")
    }
    try trainer.read(file("model.safetensors", checkpoint), into: trainer.stepped, prefix: "")
    let optimizer = trainer.optimizer
    try trainer.read(
      file("optimizer-0000.safetensors", checkpoint), into: optimizer.first, prefix: "first.")
    try trainer.read(
      file("optimizer-0001.safetensors", checkpoint), into: optimizer.second, prefix: "second.")
    optimizer.steps = state.optimizerSteps
    trainer.adapters?.merge(into: trainer.weights)
    return state
  }

  private static func file(
    _ name: String, _ checkpoint: Checkpoint
  ) throws(TrainingError) -> [UInt8] {
    guard let bytes = checkpoint.files[name] else {
      throw TrainingError(.corrupt, field: name, "the checkpoint lacks the file")
    }
    return bytes
  }

  private init(decoding bytes: [UInt8]) throws(TrainingError) {
    let object = try JSONObject(file: Self.name, bytes)
    guard case .integer(Self.version)? = object["version"],
      case .integer(let step)? = object["step"],
      case .integer(let optimizerSteps)? = object["optimizer_steps"],
      case .object(let members)? = object["identity"],
      (0...Checkpoint.largestStep).contains(step), (0...step).contains(optimizerSteps)
    else {
      throw TrainingError(.corrupt, field: Self.name, "no state of version \(Self.version)")
    }
    var identity: [String: String] = [:]
    for member in members.members {
      guard case .string(let value) = member.value else {
        throw TrainingError(.corrupt, field: member.name, "the value is no string")
      }
      identity[member.name] = value
    }
    self.init(identity: identity, step: step, optimizerSteps: optimizerSteps)
  }
}

extension Trainer {
  /// The tensors of a buffer of all parameters, as a file.
  fileprivate func tensorFile(_ buffer: FloatBuffer, prefix: String) -> [UInt8] {
    TensorFile.encode(
      steppedTensors.map { tensor in
        let shape = tensor.role == .norm ? [tensor.columns] : [tensor.rows, tensor.columns]
        return (
          prefix + tensor.name,
          TensorFile.Tensor(shape: shape, values: UnsafeBufferPointer(buffer[tensor.range]))
        )
      })
  }

  /// Reads such a file.
  fileprivate func read(
    _ bytes: [UInt8], into buffer: FloatBuffer, prefix: String
  ) throws(TrainingError) {
    var places: [String: UnsafeMutableBufferPointer<Float>] = [:]
    for tensor in steppedTensors {
      places[prefix + tensor.name] = buffer[tensor.range]
    }
    try TensorFile.decode(bytes, file: "\(prefix)safetensors", into: places)
  }
}
