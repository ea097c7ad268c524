extension Transcript: Codable {
  private enum Key: String, CodingKey { case version, entries }

  /// The version of the form that is written.
  private static let version = 1

  /// Reads a transcript that was written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let version = try container.decode(Int.self, forKey: .version)
    guard version == Self.version else {
      throw DecodingError.dataCorruptedError(
        forKey: .version, in: container, debugDescription: "there is no version \(version)")
    }
    entries = try container.decode([Entry].self, forKey: .entries)
  }

  /// Writes a transcript.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(Self.version, forKey: .version)
    try container.encode(entries, forKey: .entries)
  }
}

/// The key that tells what something is.
private enum TypeKey: String, CodingKey { case type }

extension Transcript.Entry: Codable {
  private enum Kind: String, Codable {
    case instructions, prompt, toolCalls, toolOutput, response
  }

  /// Reads an entry by its `type`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: TypeKey.self)
    switch try container.decode(Kind.self, forKey: .type) {
    case .instructions: self = .instructions(try .init(from: decoder))
    case .prompt: self = .prompt(try .init(from: decoder))
    case .toolCalls: self = .toolCalls(try .init(from: decoder))
    case .toolOutput: self = .toolOutput(try .init(from: decoder))
    case .response: self = .response(try .init(from: decoder))
    }
  }

  /// Writes the entry beside its `type`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: TypeKey.self)
    let (kind, entry): (Kind, any Encodable) =
      switch self {
      case .instructions(let entry): (.instructions, entry)
      case .prompt(let entry): (.prompt, entry)
      case .toolCalls(let entry): (.toolCalls, entry)
      case .toolOutput(let entry): (.toolOutput, entry)
      case .response(let entry): (.response, entry)
      }
    try container.encode(kind, forKey: .type)
    try entry.encode(to: encoder)
  }
}

extension Transcript.Segment: Codable {
  private enum Kind: String, Codable { case text, structure }

  /// Reads a part by its `type`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: TypeKey.self)
    switch try container.decode(Kind.self, forKey: .type) {
    case .text: self = .text(try .init(from: decoder))
    case .structure: self = .structure(try .init(from: decoder))
    }
  }

  /// Writes the part beside its `type`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: TypeKey.self)
    switch self {
    case .text(let segment):
      try container.encode(Kind.text, forKey: .type)
      try segment.encode(to: encoder)
    case .structure(let segment):
      try container.encode(Kind.structure, forKey: .type)
      try segment.encode(to: encoder)
    }
  }
}
