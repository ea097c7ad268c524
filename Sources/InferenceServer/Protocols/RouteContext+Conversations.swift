import Hummingbird

extension RouteContext {
  /// The addresses of conversations that are kept.
  var conversationEndpoints: [Endpoint] {
    let conversations = Conversations(context: self)
    let (one, items, item) = (
      "/conversations/:id", "/conversations/:id/items", "/conversations/:id/items/:item"
    )
    return [
      Endpoint(.post, "/conversations") { request, _ in try await conversations.create(request) },
      Endpoint(.get, one) { request, path in
        try conversations.tell(path.get("id"), to: request)
      },
      Endpoint(.post, one) { request, path in
        try await conversations.update(path.get("id"), by: request)
      },
      Endpoint(.delete, one) { request, path in
        try conversations.forget(path.get("id"), for: request)
      },
      Endpoint(.post, items) { request, path in
        try await conversations.addItems(to: path.get("id"), request)
      },
      Endpoint(.get, items) { request, path in
        try conversations.listItems(of: path.get("id"), to: request)
      },
      Endpoint(.get, item) { request, path in
        try conversations.tell(item: path.get("item"), of: path.get("id"), to: request)
      },
      Endpoint(.delete, item) { request, path in
        try conversations.remove(item: path.get("item"), of: path.get("id"), for: request)
      },
    ]
  }
}
