import Hummingbird

extension RouteContext {
  /// The addresses of the protocols besides OpenAI's chat completions, and of what tells about prompts.
  var endpoints: [Endpoint] {
    let responses = Responses(context: self)
    let kept = KeptResponses(memory: memory)
    let messages = Messages(context: self)
    let prompts = Prompts(context: self)
    let reranking = Reranking(context: self)
    let feedback = feedback.map { Feedback(context: self, place: $0) }
    let rating = feedback.map { feedback in
      Endpoint(.post, "/feedback") { request, _ in try await feedback.keep(request) }
    }
    return (rating.map { [$0] } ?? []) + [
      Endpoint(.post, "/responses", needsRoom: true) { request, _ in
        try await responses.respond(to: request)
      },
      Endpoint(.get, "/responses/:id") { request, path in
        try kept.tell(path.get("id"), to: request)
      },
      Endpoint(.delete, "/responses/:id") { request, path in
        try kept.forget(path.get("id"), for: request)
      },
      Endpoint(.get, "/responses/:id/input_items") { request, path in
        try kept.input(of: path.get("id"), to: request)
      },
      Endpoint(.post, "/responses/input_tokens") { request, _ in
        try await responses.count(request)
      },
      Endpoint(.post, "/messages", needsRoom: true) { request, _ in
        try await messages.respond(to: request)
      },
      Endpoint(.post, "/messages/count_tokens") { request, _ in try await messages.count(request) },
      Endpoint(.post, "/rerank", needsRoom: true) { request, _ in
        try await reranking.rerank(request)
      },
      Endpoint(.post, "/v2/rerank", needsRoom: true) { request, _ in
        try await reranking.rerank(request)
      },
      Endpoint(.post, "/score", needsRoom: true) { request, _ in
        try await reranking.score(request)
      },
      Endpoint(.post, "/infill", needsRoom: true) { request, _ in
        try await Infill(context: self).respond(to: request)
      },
      Endpoint(.post, "/tokenize") { request, _ in try await prompts.tokenize(request) },
      Endpoint(.post, "/detokenize") { request, _ in try await prompts.detokenize(request) },
      Endpoint(.post, "/apply-template") { request, _ in try await prompts.render(request) },
    ]
  }
}
