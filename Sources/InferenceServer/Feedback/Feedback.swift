import ChatTemplates
import HTTPTypes
import Hummingbird
import JSON

/// `POST /v1/feedback`: which of two answers was the better one.
struct Feedback: Sendable {
  /// Where ratings go.
  struct Place: Sendable {
    /// The file.
    let file: FeedbackFile
    /// Whether clients have names: what others send in the place of keys is nobody's business.
    let knowsClients: Bool
  }

  /// Knows the model and the limits.
  let context: RouteContext
  /// Where ratings go.
  let place: Place

  /// Keeps a rating.
  func keep(_ request: Request) async throws -> Response {
    let fields = try await context.fields(of: request, .feedback)
    let rating = try Rating(fields)
    try context.service.model.check(name: rating.model)
    let client = place.knowsClients ? request.headers.clientKey : ""
    let count: Int
    do throws(FeedbackFile.Failure) {
      count = try place.file.append(
        rating.line(client: client, at: context.clock().unixSeconds), client: client)
    } catch {
      throw APIError(error)
    }
    var json = JSONWriter()
    json.object { json in
      json.member("object", "feedback")
      json.member("stored") { $0.value(true) }
      json.member("count", count)
    }
    return Response(json)
  }
}

/// Two answers to a conversation, of which the first is the better one.
private struct Rating {
  /// The name of the model.
  let model: String
  private let messages: [ChatMessage]
  private let chosen: String
  private let rejected: String

  init(_ fields: FieldReader) throws(APIError) {
    model = try fields.model()
    chosen = try Self.text("chosen", fields)
    rejected = try Self.text("rejected", fields)
    guard !chosen.utf8.elementsEqual(rejected.utf8) else {
      throw fields.invalid("rejected", "must be another text than chosen")
    }
    guard let elements = try fields.array("messages"), !elements.isEmpty else {
      throw fields.missing("messages")
    }
    var messages: [ChatMessage] = []
    for (index, element) in elements.enumerated() {
      let message = try fields.reader("messages", element: index, element)
      guard let role = try message.word("role") else { throw message.missing("role") }
      guard let content = try message.string("content") else { throw message.missing("content") }
      messages.append(ChatMessage(role: role, content: content))
    }
    self.messages = messages
  }

  private static func text(_ name: String, _ fields: FieldReader) throws(APIError) -> String {
    guard let text = try fields.string(name) else { throw fields.missing(name) }
    guard !text.isEmpty else { throw fields.invalid(name, "must not be empty") }
    return text
  }

  /// The line of the file.
  func line(client: String, at time: Int) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("family", "feedback")
      json.member("messages") { json in
        json.array { json in
          for message in messages {
            json.object { json in
              json.member("role", message.role)
              json.member("content", message.content)
            }
          }
        }
      }
      json.member("chosen", chosen)
      json.member("rejected", rejected)
      json.member("model", model)
      json.member("time", time)
      if !client.isEmpty { json.member("client", client) }
    }
    return json.bytes
  }
}

extension FieldTable {
  /// The fields of a rating.
  static let feedback = FieldTable([
    SharedFields.model,
    Field(
      "messages", .objects(ratedMessage, maximumCount: RequestLimits.messages), .required,
      "The conversation before the answers."),
    Field("chosen", .text, .required, "The better answer."),
    Field("rejected", .text, .required, "The other one, which must differ."),
  ])

  private static let ratedMessage = FieldTable([
    Field("role", .word(ChatMessage.usualRoles.sorted()), .required, "Who says it."),
    Field("content", .text, .required, "What is said."),
  ])
}

extension APIError {
  /// A rating that was not kept; a fault of the system's is not told to clients.
  fileprivate init(_ failure: FeedbackFile.Failure) {
    switch failure {
    case .full, .clientFull: self.init(.feedbackFull, "\(failure)")
    case .system: self.init(.feedbackFull, "the rating could not be written")
    }
  }
}
