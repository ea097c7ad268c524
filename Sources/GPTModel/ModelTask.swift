/// What a model can be asked for.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum ModelTask: String, Sendable, Hashable, CaseIterable {
  /// Text that continues a prompt.
  case generate
  /// A vector that stands for a text.
  case embed
  /// How well a text answers another.
  case score

  /// Says that a model cannot do it.
  var refusal: String {
    switch self {
    case .generate: "the model writes no text: it is made for vectors or scores of texts"
    case .embed: "the model gives no vectors of texts: it is made for scores"
    case .score: "the model gives no scores: it is no reranker"
    }
  }
}

extension LoadedModel {
  /// What the model can be asked for.
  public var tasks: Set<ModelTask> {
    var tasks: Set<ModelTask> = []
    if spec.head.hasLogits { tasks.insert(.generate) }
    // A reranker whose scores are logits of words is a decoder like others.
    if spec.pooled.score == nil || spec.head.hasLogits { tasks.insert(.embed) }
    if spec.pooled.score != nil { tasks.insert(.score) }
    return tasks
  }

  /// Throws where the model cannot be asked for something.
  package func check(_ task: ModelTask) throws(EngineError) {
    guard tasks.contains(task) else { throw .taskNotSupported(task) }
  }

  /// How the states of a text become one, unless a request says otherwise.
  public var pooling: Pooling { spec.pooled.pooling }

  /// The elements of the vector of a text.
  public var embeddingWidth: Int { spec.pooled.vectorWidth(spec.width) }
}

extension GenerationRequest {
  /// Throws where a model is not made for what is asked.
  ///
  /// - Parameter answerLimit: Tokens that the answer may have.
  func checkTask(of model: LoadedModel, answerLimit: Int) throws(EngineError) {
    let needsLogits = answerLimit > 0 || promptAlternatives != nil || pooling == nil
    let task: ModelTask = needsLogits ? .generate : isScored ? .score : .embed
    try model.check(task)
  }
}
