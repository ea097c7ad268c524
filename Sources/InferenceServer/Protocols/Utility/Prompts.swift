import Hummingbird
import JSON
import Tokenizers

/// `POST /tokenize`, `/detokenize` and `/apply-template`: what becomes of texts and conversations
/// before they are answered.
struct Prompts: Sendable {
  /// Knows the model and its limits.
  let context: RouteContext
  private var service: any GenerationService { context.service }

  /// Turns a text or a conversation into tokens.
  func tokenize(_ request: Request) async throws -> Response {
    let fields = try await sharedFields(of: request, .tokenize)
    let withPieces = try fields.boolean("with_pieces") ?? false
    let withStrings = try fields.boolean("return_token_strs") ?? false
    let tokens = try tokens(fields)
    var json = JSONWriter()
    json.object { json in
      json.member("tokens") { json in
        json.array { json in
          for token in tokens {
            if withPieces { writePiece(token, to: &json) } else { json.value(token) }
          }
        }
      }
      json.member("count", tokens.count)
      json.member("max_model_len", service.model.contextLength)
      guard withStrings else { return }
      json.member("token_strs") { json in
        json.array { json in
          for token in tokens {
            json.value(String(decoding: service.bytes(of: token), as: UTF8.self))
          }
        }
      }
    }
    return Response(json)
  }

  /// Turns tokens into text, control tokens into their names.
  func detokenize(_ request: Request) async throws -> Response {
    let fields = try await sharedFields(of: request, .detokenize)
    guard let elements = try fields.array("tokens") else {
      throw fields.missing("tokens")
    }
    let tokens = try elements.map { element throws(APIError) in
      try Token(element, of: fields, "tokens", vocabularySize: service.model.vocabularySize)
    }
    let text = String(decoding: tokens.flatMap(service.bytes(of:)), as: UTF8.self)
    var json = JSONWriter()
    json.object { json in
      json.member("content", text)
      json.member("prompt", text)
    }
    return Response(json)
  }

  /// Lays a conversation out as the model was taught it.
  func render(_ request: Request) async throws -> Response {
    let fields = try await sharedFields(of: request, .layOut)
    let segments = try context.render(try conversation(fields))
    var json = JSONWriter()
    json.object { json in
      json.member("prompt", segments.map(\.text).joined())
    }
    return Response(json)
  }

  /// The fields of a request for the model that is served.
  private func sharedFields(of request: Request, _ table: FieldTable) async throws -> FieldReader {
    let fields = try await context.fields(of: request, table)
    _ = try service.named(try fields.model())
    return fields
  }

  private func conversation(_ fields: FieldReader) throws(APIError) -> ConversationRequest {
    try ConversationRequest(chat: fields, vocabularySize: service.model.vocabularySize)
  }

  private func tokens(_ fields: FieldReader) throws -> [Token] {
    if fields.has("messages") { return try context.prompt(for: conversation(fields)) }
    let name = fields.spelling("content", "prompt")
    guard let text = try fields.string(name) else { throw fields.missing("content") }
    var plain = PlainText(text)
    // llama.cpp's field begins with the text, vLLM's with what begins a prompt.
    let beginning = fields.spelling("add_special", "add_special_tokens")
    plain.addsBeginning = try fields.boolean(beginning) ?? (name == "prompt")
    plain.namesControlTokens = try fields.boolean("parse_special") ?? false
    return service.encode(plain)
  }

  /// Writes a token with its text, or with its bytes where they are not text by themselves.
  private func writePiece(_ token: Token, to json: inout JSONWriter) {
    let bytes = service.bytes(of: token)
    json.object { json in
      json.member("id", token)
      json.member("piece") { json in
        if let text = String(validating: bytes, as: UTF8.self) {
          json.value(text)
        } else {
          json.array { json in
            for byte in bytes { json.value(byte) }
          }
        }
      }
    }
  }
}

extension Token {
  /// Reads a token's number.
  init(_ value: JSONValue, of fields: FieldReader, _ name: String, vocabularySize: Int)
    throws(APIError)
  {
    guard let id = value.asInteger, (0..<vocabularySize).contains(id) else {
      throw fields.invalid(name, "must name tokens from 0 to \(vocabularySize - 1)")
    }
    self.init(truncatingIfNeeded: id)
  }
}
