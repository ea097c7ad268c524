package import ModelFiles

extension SamplingParameters {
  /// Takes over what a model's files ask for; what they leave open stays.
  package mutating func apply(_ defaults: SamplingDefaults) {
    if let value = defaults.temperature { temperature = Float(value) }
    if let value = defaults.topK { topK = value }
    if let value = defaults.topP { keep(upTo: Float(value)) }
    if let value = defaults.minP { minP = Float(value) }
    if let value = defaults.repetitionPenalty { repetitionPenalty = Float(value) }
  }
}

extension ModelSource {
  /// What was repaired so far, and the keys that nobody has read.
  package var warnings: [ModelWarning] {
    let unread = unreadKeys
    let named = unread.prefix(16).map {
      ModelWarning(
        field: $0, "nothing here reads this key; if it changes the model, the results are wrong")
    }
    guard unread.count > named.count else { return notes.warnings + named }
    let rest = ModelWarning(
      field: "keys", "\(unread.count - named.count) further ones are not read")
    return notes.warnings + named + [rest]
  }
}
