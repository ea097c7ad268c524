import GPTModel
import Hummingbird
import JSON
import Platform

/// `GET /v1/models` and `GET /v1/models/{id}`.
struct Models: Sendable {
  /// The model that is served.
  let model: ServedModel
  /// Whether the server keeps ratings of answers.
  var takesFeedback = false
  /// What tokens take.
  let costs: @Sendable () -> CostFigures

  /// Lists the model, by itself and with each of its adapters.
  func list() -> Response {
    var json = JSONWriter()
    json.object { json in
      json.member("object", "list")
      json.member("data") { json in
        json.array { json in
          write(model, to: &json)
          for adapter in model.adapters { write(model.adapted(by: adapter), to: &json) }
        }
      }
    }
    return Response(json)
  }

  /// Describes the model whose name is the rest of the path, slashes included.
  func one(_ path: [Substring]) throws(APIError) -> Response {
    let name = path.joined(separator: "/").percentDecoded
    guard let name else { throw .invalid("model", "the model's name is not percent-encoded UTF-8") }
    let adapted = model.adapter(named: name).map(model.adapted)
    if adapted == nil { try model.check(name: name) }
    var json = JSONWriter()
    write(adapted ?? model, to: &json)
    return Response(json)
  }

  private func write(_ model: ServedModel, to json: inout JSONWriter) {
    json.object { json in
      json.member("id", model.name)
      json.member("object", "model")
      json.member("created", model.created)
      json.member("owned_by", "apus")
      json.member("root", model.name)
      json.member("parent", model.parent)
      json.member("max_model_len", model.contextLength)
      json.member("tasks") { json in
        json.array { json in
          for task in ModelTask.allCases where model.tasks.contains(task) {
            json.value(task.rawValue)
          }
        }
      }
      if !model.prompts.isEmpty {
        json.member("prompts") { json in
          json.object { json in
            for (name, text) in model.prompts.sorted(by: { $0.key < $1.key }) {
              json.member(name, text)
            }
          }
        }
      }
      if model.tasks.contains(.generate) { json.member("sampling") { writeSampling(to: &$0) } }
      if let format = model.callFormat {
        json.member("tools") { json in
          json.object { json in
            json.member("format", format)
            json.member("shown_by", model.templateShowsTools ? "template" : "message")
          }
        }
        json.member("thinking") { $0.value(model.thinks) }
      }
      if takesFeedback { json.member("feedback") { $0.value(true) } }
      writeCost(to: &json)
      json.member("meta") { writeMeta(to: &$0) }
    }
  }

  /// Writes how tokens are chosen where a request does not say it.
  private func writeSampling(to json: inout JSONWriter) {
    json.object { json in
      json.member("temperature") { $0.value(model.sampling.temperature) }
      json.member("top_p") { $0.value(model.sampling.topP) }
      json.member("top_k") { $0.value(model.sampling.topK) }
      json.member("min_p") { $0.value(model.sampling.minP) }
      json.member("repetition_penalty") { $0.value(model.sampling.repetitionPenalty) }
    }
  }

  /// Writes what tokens cost, where the machine has a price: null before the first was measured.
  private func writeCost(to json: inout JSONWriter) {
    let costs = costs()
    guard let price = costs.price else { return }
    json.member("cost") { json in
      json.object { json in
        json.member("currency", price.currency)
        json.member("per_hour") { $0.value(price.perHour) }
        json.member("per_million_prompt_tokens") {
          $0.value(costs.perMillionPromptTokens ?? .nan)
        }
        json.member("per_million_written_tokens") {
          $0.value(costs.perMillionWrittenTokens ?? .nan)
        }
      }
    }
  }

  private func writeMeta(to json: inout JSONWriter) {
    json.object { json in
      // llama.cpp's number for byte-pair encoding, the one kind of vocabulary there is here.
      json.member("vocab_type", 2)
      json.member("n_vocab", model.vocabularySize)
      guard let sizes = model.sizes else { return }
      json.member("n_ctx_train", sizes.trainedContext)
      json.member("n_embd", sizes.width)
      json.member("n_embd_out", sizes.vectorWidth)
      json.member("n_params", sizes.parameters)
      json.member("size", sizes.bytes)
    }
  }
}

extension String {
  /// The text with `%41` and its like replaced by what they stand for; nil where that is no text.
  var percentDecoded: String? {
    var bytes: [UInt8] = []
    var rest = utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
      guard digits.count == 2 else { return nil }
      rest.removeFirst(2)
      bytes.append(UInt8(truncatingIfNeeded: digits[0] << 4 | digits[1]))
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
