/// What a run needs to go on: files by name.
package struct Checkpoint: Sendable, Hashable {
  /// Steps made.
  package let step: Int
  /// The content of each file, by its name.
  package let files: [String: [UInt8]]

  /// The most steps that a run has.
  package static let largestStep = 1 << 40

  /// Names the steps and the files.
  package init(step: Int, files: [String: [UInt8]]) {
    self.step = step
    self.files = files
  }

  /// The name of a checkpoint's folder.
  static func name(_ step: Int) -> String {
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  /// The steps of a folder's name; nil for other names.
  static func step(of name: String) -> Int? {
    let digits = name.dropFirst(5)
    guard name.hasPrefix("step-"), digits.count >= 8, let step = Int(digits),
      (0...largestStep).contains(step), self.name(step) == name
    else { return nil }
    return step
  }
}
