/// What checkpoints need of a file system. A call that throws may have done a part of its work.
package protocol CheckpointFiles: AnyObject {
  /// Makes a folder whose parent is there.
  func makeFolder(_ path: String) throws(TrainingError)
  /// Writes a new file, or replaces the content of one.
  func write(_ bytes: [UInt8], to path: String) throws(TrainingError)
  /// Adds bytes at the end of a file, which is made where there is none.
  func append(_ bytes: [UInt8], to path: String) throws(TrainingError)
  /// Waits until a file's content, or the names in a folder, would survive a loss of power.
  func sync(_ path: String) throws(TrainingError)
  /// Gives a file or a folder another name in the same folder.
  func rename(_ path: String, to new: String) throws(TrainingError)
  /// The names in a folder.
  func names(in folder: String) throws(TrainingError) -> [String]
  /// The content of a file.
  func read(_ path: String) throws(TrainingError) -> [UInt8]
  /// Removes a file, or a folder with its files.
  func remove(_ path: String) throws(TrainingError)
}
