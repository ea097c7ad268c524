@testable import Training

/// A file system in memory that stops after a number of calls, and tells what a loss of power leaves.
///
/// A folder is a list of names for nodes. What was not synced may be lost: the content of a file, and the names in
/// a folder.
final class CrashingFiles: CheckpointFiles {
  private final class Node {
    var bytes: [UInt8]?
    var durableBytes: [UInt8]? = []
    var names: [String: Node] = [:]
    var durableNames: [String: Node] = [:]

    init(isFile: Bool) {
      bytes = isFile ? [] : nil
      if !isFile { durableBytes = nil }
    }
  }

  private let root = Node(isFile: false)
  /// Changing calls made.
  private(set) var calls = 0
  /// The number of calls after which the next one fails; nil for none.
  var limit: Int?

  /// What is there after the machine lost power, or after the process was killed.
  func afterCrash(losesUnsynced: Bool) -> CrashingFiles {
    let files = CrashingFiles()
    Self.copy(root, to: files.root, durable: losesUnsynced)
    return files
  }

  /// Changes a byte of a file, or cuts it off.
  func damage(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
    let node = try node(path)
    var bytes = node.bytes ?? []
    change(&bytes)
    node.bytes = bytes
  }

  private static func copy(_ from: Node, to: Node, durable: Bool) {
    for (name, node) in durable ? from.durableNames : from.names {
      let copy = Node(isFile: node.bytes != nil)
      copy.bytes = durable ? node.durableBytes : node.bytes
      copy.durableBytes = copy.bytes
      to.names[name] = copy
      to.durableNames[name] = copy
      self.copy(node, to: copy, durable: durable)
    }
  }

  private func count() throws(TrainingError) {
    if let limit, calls >= limit { throw TrainingError(.system, field: "crash", "at \(calls)") }
    calls += 1
  }

  private func node(_ path: String) throws(TrainingError) -> Node {
    var node = root
    for name in path.split(separator: "/") {
      guard let next = node.names[String(name)] else {
        throw TrainingError(.system, field: path, "not there")
      }
      node = next
    }
    return node
  }

  private func parent(_ path: String) throws(TrainingError) -> (Node, String) {
    let parts = path.split(separator: "/").map(String.init)
    return (try node(parts.dropLast().joined(separator: "/")), parts.last ?? "")
  }

  func makeFolder(_ path: String) throws(TrainingError) {
    try count()
    let (folder, name) = try parent(path)
    guard folder.names[name] == nil else {
      throw TrainingError(.system, field: path, "is there already")
    }
    folder.names[name] = Node(isFile: false)
  }

  func write(_ bytes: [UInt8], to path: String) throws(TrainingError) {
    let (folder, name) = try parent(path)
    let node = folder.names[name] ?? Node(isFile: true)
    folder.names[name] = node
    // A crash in the middle leaves a part.
    node.bytes = Array(bytes.prefix(bytes.count / 2))
    try count()
    node.bytes = bytes
  }

  func append(_ bytes: [UInt8], to path: String) throws(TrainingError) {
    let before = try parent(path).0.names[parent(path).1]?.bytes ?? []
    try write(before + bytes, to: path)
  }

  func sync(_ path: String) throws(TrainingError) {
    try count()
    let node = try node(path)
    node.durableBytes = node.bytes
    node.durableNames = node.names
  }

  func rename(_ path: String, to new: String) throws(TrainingError) {
    try count()
    let (folder, name) = try parent(path)
    let (other, newName) = try parent(new)
    guard let node = folder.names.removeValue(forKey: name) else {
      throw TrainingError(.system, field: path, "not there")
    }
    other.names[newName] = node
  }

  func names(in folder: String) throws(TrainingError) -> [String] {
    try node(folder).names.keys.sorted()
  }

  func read(_ path: String) throws(TrainingError) -> [UInt8] {
    guard let bytes = try node(path).bytes else {
      throw TrainingError(.system, field: path, "a folder")
    }
    return bytes
  }

  func remove(_ path: String) throws(TrainingError) {
    let (folder, name) = try parent(path)
    guard let node = folder.names[name] else { return }
    for file in node.names.keys.sorted() {
      try count()
      node.names[file] = nil
    }
    try count()
    folder.names[name] = nil
  }
}
