import GPTModel

/// How long a step takes: a constant, and a part for each row of a prompt and each token written.
package struct StepCost: Sendable, Hashable {
  /// Seconds of a step that writes anything.
  package var writing: Double
  /// Seconds that each token written adds.
  package var perWriter: Double
  /// Seconds that each row of a prompt adds.
  package var perPromptRow: Double

  /// Names the parts.
  package init(writing: Double, perWriter: Double, perPromptRow: Double) {
    self.writing = writing
    self.perWriter = perWriter
    self.perPromptRow = perPromptRow
  }

  /// Takes them from speeds in tokens a second: of reading, of writing one answer, and of writing `many`
  /// side by side, all together; nil for speeds that are none.
  package init?(reading: Double, writing one: Double, together all: Double, many: Int) {
    guard reading > 0, one > 0, all > 0, many > 1 else { return nil }
    let (single, whole) = (1 / one, Double(many) / all)
    perWriter = max(0, (whole - single) / Double(many - 1))
    writing = max(0, single - perWriter)
    perPromptRow = 1 / reading
  }

  /// Takes them from what `apus bench --json --sequences 1,8` prints; nil where a figure is missing.
  package init?(bench text: String) {
    guard case .object(let members)? = try? JSONValue(parsing: Array(text.utf8)),
      case .array(let results)? = members["results"]
    else { return nil }
    var speeds: [(name: String, speed: Double)] = []
    for case .object(let result) in results {
      guard case .string(let name)? = result["test"] else { continue }
      switch result["tokensPerSecond"] {
      case .number(let speed)?: speeds.append((name, speed))
      case .integer(let speed)?: speeds.append((name, Double(speed)))
      default: continue
      }
    }
    let writing = speeds.filter { $0.name.hasPrefix("tg") }
    guard let reading = speeds.first(where: { $0.name.hasPrefix("pp") })?.speed,
      let one = writing.first(where: { !$0.name.contains(" x") })?.speed,
      let all = writing.last(where: { $0.name.contains(" x") }),
      let many = all.name.split(separator: " x").last.flatMap({ Int($0.prefix { $0.isNumber }) })
    else { return nil }
    self.init(reading: reading, writing: one, together: all.speed, many: many)
  }

  /// Seconds of a step with so many rows of prompts and tokens to write.
  func seconds(promptRows: Int, writers: Int) -> Double {
    (writers > 0 ? writing + perWriter * Double(writers) : 0) + perPromptRow * Double(promptRows)
  }
}
