import GPTModel
import HTTPTypes

extension RequestTerms {
  /// Reads the fields that say how urgent a request is and what it shares.
  init(_ fields: FieldReader) throws(APIError) {
    self.init()
    let tier = try Self.priority(ofTier: fields)
    priority = try fields.integer("priority") ?? tier
    cacheSalt = try fields.string("cache_salt") ?? ""
    usesCache = try fields.boolean("cache_prompt") ?? true
  }

  /// The priority of a service tier; unknown tiers have the default.
  private static func priority(ofTier fields: FieldReader) throws(APIError) -> Int {
    switch try fields.string("service_tier") {
    case "priority": -1
    case "flex": 1
    default: 0
    }
  }
}

extension HTTPFields {
  /// The client, named by its key; empty without one.
  var clientKey: String {
    guard let authorization = self[.authorization] else { return self[.apiKey] ?? "" }
    let scheme = "bearer "
    let isBearer = authorization.prefix(scheme.count).lowercased() == scheme
    return isBearer ? String(authorization.dropFirst(scheme.count)) : authorization
  }
}
