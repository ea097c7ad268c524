import JSON

/// The answer to a request to order documents: what Jina's, Cohere's and vLLM's clients read, in one.
struct RerankDocument {
  /// The request.
  let request: RerankRequest
  /// The scores of its documents.
  let scores: Scores
  /// The names of the answer and of the model.
  let heading: AnswerHeading

  /// Writes the document.
  func json() -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      json.member("id", heading.id)
      json.member("object", "list")
      json.member("model", heading.model)
      json.member("usage") { $0.writeUsage(tokens: scores.tokens) }
      json.member("results") { json in
        json.array { json in
          for index in scores.ranking.prefix(request.most ?? .max) { write(index, to: &json) }
        }
      }
      json.member("meta") { json in
        json.object { json in
          json.member("api_version") { json in
            json.object { json in json.member("version", "2") }
          }
          json.member("tokens") { json in
            json.object { json in
              json.member("input_tokens", scores.tokens)
              json.member("output_tokens", 0)
            }
          }
        }
      }
    }
    return json
  }

  private func write(_ index: Int, to json: inout JSONWriter) {
    json.object { json in
      json.member("index", index)
      json.member("relevance_score") { $0.value(scores.values[index]) }
      guard request.returnsDocuments else { return }
      json.member("document") { json in
        json.object { json in json.member("text", request.score.pairs[index].document) }
      }
    }
  }
}

/// The answer to a request for scores, as vLLM has it.
struct ScoreDocument {
  /// The scores of the pairs.
  let scores: Scores
  /// The names of the answer and of the model.
  let heading: AnswerHeading

  /// Writes the document.
  func json() -> JSONWriter {
    var json = JSONWriter()
    json.object { json in
      json.member("id", heading.id)
      json.member("object", "list")
      json.member("created", heading.created)
      json.member("model", heading.model)
      json.member("data") { json in
        json.array { json in
          for (index, score) in scores.values.enumerated() {
            json.object { json in
              json.member("index", index)
              json.member("object", "score")
              json.member("score") { $0.value(score) }
            }
          }
        }
      }
      json.member("usage") { $0.writeUsage(tokens: scores.tokens) }
    }
    return json
  }
}

extension JSONWriter {
  /// Writes how many tokens were read where none is written.
  mutating func writeUsage(tokens: Int) {
    object { json in
      json.member("prompt_tokens", tokens)
      json.member("total_tokens", tokens)
    }
  }
}
