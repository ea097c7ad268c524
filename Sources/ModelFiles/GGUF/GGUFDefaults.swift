extension ChatTemplateFiles {
  private static let key = "tokenizer.chat_template"

  /// Reads the templates that a GGUF file has: one, or named ones beside it or in its place.
  init(_ metadata: Metadata) throws(ModelError) {
    var templates: [(name: String, source: String)] = []
    switch metadata[Self.key]?.value {
    case .strings(let list)?:
      metadata.notes.warn(Self.key, "a list of \(list.count) without names; the first is taken")
      if let first = list.first { templates.append(("default", first)) }
    default:
      let usual = try metadata.stringIfPresent(Self.key)
      if let usual, !usual.isEmpty { templates.append(("default", usual)) }
    }
    for key in metadata.keys where key.hasPrefix("\(Self.key).") {
      let source = try metadata.string(key)
      templates.append((String(key.dropFirst(Self.key.count + 1)), source))
    }
    self.init(named: templates, notes: metadata.notes)
  }
}

extension SamplingDefaults {
  /// Reads what stands under `general.sampling`; what is out of range is left open.
  init(_ metadata: Metadata) {
    func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
      let key = "general.sampling.\(key)"
      do {
        return try metadata.floatIfPresent(key, in: range)
      } catch {
        metadata.notes.warn(key, "\(error.detail); the usual value is taken")
        return nil
      }
    }
    temperature = number("temp", in: 0...2)
    topK = number("top_k", in: 0...1e6).map { Int($0) }
    topP = number("top_p", in: 1e-6...1)
    minP = number("min_p", in: 0...1)
    repetitionPenalty = number("penalty_repeat", in: 1e-3...100)
  }
}
