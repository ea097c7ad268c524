import JSON
import Platform

/// The files of a checkpoint: name, bytes and SHA-256 of each.
struct Manifest: Hashable {
  /// The name of its own file.
  static let name = "manifest.json"

  private struct Entry: Hashable {
    let bytes: Int
    let digest: String
  }

  private var entries: [String: Entry] = [:]

  /// Lists files.
  init(_ files: [String: [UInt8]]) {
    for (name, bytes) in files {
      entries[name] = Entry(bytes: bytes.count, digest: Self.digest(bytes))
    }
  }

  /// Reads the bytes of a manifest.
  init(decoding bytes: [UInt8]) throws(TrainingError) {
    let object = try JSONObject(file: Self.name, bytes)
    for member in object.members {
      guard case .object(let entry) = member.value, case .integer(let count)? = entry["bytes"],
        case .string(let digest)? = entry["sha256"], !member.name.isEmpty,
        !member.name.utf8.contains(UInt8(ascii: "/")), !member.name.hasPrefix(".")
      else {
        throw TrainingError(.corrupt, field: Self.name, "the entry of a file is no such entry")
      }
      entries[member.name] = Entry(bytes: count, digest: digest)
    }
  }

  /// The names of all files, in order.
  var names: [String] { entries.keys.sorted() }

  /// Throws where a file is not what it was.
  func check(_ name: String, _ bytes: [UInt8]) throws(TrainingError) {
    guard let entry = entries[name] else {
      throw TrainingError(.corrupt, field: name, "the manifest does not list the file")
    }
    guard entry.bytes == bytes.count else {
      throw TrainingError(.corrupt, field: name, "\(bytes.count) bytes, not \(entry.bytes)")
    }
    let digest = Self.digest(bytes)
    guard entry.digest == digest else {
      throw TrainingError(.corrupt, field: name, "the SHA-256 is \(digest), not \(entry.digest)")
    }
  }

  /// The bytes of the file.
  var encoded: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      for name in names {
        guard let entry = entries[name] else { continue }
        json.member(name) { json in
          json.object { json in
            json.member("bytes", entry.bytes)
            json.member("sha256", entry.digest)
          }
        }
      }
    }
    return json.bytes
  }

  private static func digest(_ bytes: [UInt8]) -> String { SHA256.hexadecimal(bytes) }
}
