/// The checkpoints of a run in one folder. Whatever moment the process or the machine stops at, the newest
/// folder whose manifest agrees with its files is a whole checkpoint.
///
/// A checkpoint is written into a folder of another name: each file, its content synced, the manifest likewise,
/// the folder synced; then the folder gets its name, and the folder of all is synced.
package struct CheckpointStore {
  /// What was found at the start of a run.
  package struct Found {
    /// The newest whole checkpoint; nil where there is none.
    package var checkpoint: Checkpoint?
    /// Why newer ones were passed over, the newest first.
    package var faults: [TrainingError] = []
  }

  private let folder: String
  private let files: any CheckpointFiles
  /// Checkpoints that are kept.
  private let kept: Int

  /// Names an existing folder.
  package init(folder: String, files: any CheckpointFiles, kept: Int = 3) {
    self.folder = folder
    self.files = files
    self.kept = max(kept, 1)
  }

  /// Writes a checkpoint, and removes the oldest ones.
  package func save(_ checkpoint: Checkpoint) throws(TrainingError) {
    let name = Checkpoint.name(checkpoint.step)
    let partial = path(".\(name).partial")
    if try files.names(in: folder).contains(name) { try discard(name) }
    try files.remove(partial)
    try files.makeFolder(partial)
    for (file, bytes) in checkpoint.files.sorted(by: { $0.key < $1.key }) {
      try files.write(bytes, to: "\(partial)/\(file)")
      try files.sync("\(partial)/\(file)")
    }
    let manifest = "\(partial)/\(Manifest.name)"
    try files.write(Manifest(checkpoint.files).encoded, to: manifest)
    try files.sync(manifest)
    try files.sync(partial)
    try files.rename(partial, to: path(name))
    try files.sync(folder)
    try removeOld()
  }

  /// Reads the newest whole checkpoint, and removes what was never finished.
  package func latest() throws(TrainingError) -> Found {
    var found = Found()
    let names = try files.names(in: folder)
    for name in names where name.hasPrefix(".step-") { try files.remove(path(name)) }
    let steps = names.compactMap { Checkpoint.step(of: $0) }.sorted(by: >)
    for step in steps {
      do throws(TrainingError) {
        found.checkpoint = try read(step)
        return found
      } catch {
        found.faults.append(error)
      }
    }
    return found
  }

  private func read(_ step: Int) throws(TrainingError) -> Checkpoint {
    let place = path(Checkpoint.name(step))
    let manifest = try Manifest(decoding: files.read("\(place)/\(Manifest.name)"))
    var content: [String: [UInt8]] = [:]
    for name in manifest.names {
      let bytes = try files.read("\(place)/\(name)")
      try manifest.check(name, bytes)
      content[name] = bytes
    }
    return Checkpoint(step: step, files: content)
  }

  private func removeOld() throws(TrainingError) {
    let steps = try files.names(in: folder).compactMap { Checkpoint.step(of: $0) }.sorted(by: >)
    for step in steps.dropFirst(kept) { try discard(Checkpoint.name(step)) }
  }

  /// Renames a checkpoint before it loses files, so that it is never taken for a whole one.
  private func discard(_ name: String) throws(TrainingError) {
    let hidden = path(".\(name).old")
    try files.remove(hidden)
    try files.rename(path(name), to: hidden)
    try files.sync(folder)
    try files.remove(hidden)
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }
}
