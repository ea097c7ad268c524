/// A decoder that has nothing to decode: it notes what is asked for, and hands out samples.
final class DecodingProbe: Decoder {
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]
  /// The fields that were asked for, in that order.
  private(set) var members: [SchemaMember] = []
  /// The form of the only value, where there is one.
  private var single: SchemaForm?
  private var isKeyed = false
  /// The fields of which it was asked whether they are null.
  private var nullable: Set<String> = []
  private let forms: DecodableForms
  private let type: any Decodable.Type

  /// Begins to ask a type.
  init(_ forms: DecodableForms, _ type: any Decodable.Type) {
    (self.forms, self.type) = (forms, type)
  }

  /// The form, after the type was asked.
  func form() throws(ApusError) -> SchemaForm {
    if let single, members.isEmpty { return single }
    guard isKeyed, single == nil else {
      throw .notDescribable(type, "its decoding reads neither fields nor a value")
    }
    guard let guides = (type as? any Guided.Type)?.guides else { return .object(members) }
    for key in guides.keys.sorted() where !members.contains(where: { $0.name == key }) {
      throw ApusError(
        .notDescribable, "\(type).\(key)", "a guide is for this field, which there is not")
    }
    return .object(
      members.map { member in
        guard let guide = guides[member.name] else { return member }
        var member = member
        if !guide.rules.isEmpty { member.form = .guided(member.form, guide.rules) }
        member.form = member.form.described(guide.description)
        return member
      })
  }

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    isKeyed = true
    return KeyedDecodingContainer(KeyedProbe<Key>(self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    throw ApusError.notDescribable(
      type, "its decoding reads a list whose elements it does not tell")
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleProbe(self) }

  /// Notes a field, and makes a sample of it.
  fileprivate func field<T: Decodable>(
    _ name: String, _ type: T.Type, isOptional: Bool
  ) throws -> T? {
    let found = try forms.form(of: type, wantsSample: !isOptional)
    if !members.contains(where: { $0.name == name }) {
      members.append(
        SchemaMember(
          name: name, form: found.form, isOptional: isOptional || nullable.contains(name)))
    }
    guard !isOptional else { return nil }
    guard let sample = found.sample as? T else {
      throw ApusError(
        .notDescribable, "\(self.type).\(name)", "there is no sample of its type \(type)")
    }
    return sample
  }

  /// Notes that a field may be null, for which it is asked next.
  fileprivate func noteNullable(_ name: String) { nullable.insert(name) }

  /// Notes the only value, and makes a sample of it.
  fileprivate func value<T: Decodable>(_ type: T.Type) throws -> T {
    let found = try forms.form(of: type)
    single = found.form
    guard let sample = found.sample as? T else {
      throw ApusError.notDescribable(self.type, "there is no sample of the type \(type)")
    }
    return sample
  }

  /// Refuses what does not tell its form.
  fileprivate func refuse(_ what: String) -> ApusError {
    .notDescribable(type, "its decoding \(what), which does not tell its form")
  }
}

/// Notes fields.
private struct KeyedProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let codingPath: [any CodingKey] = []
  let allKeys: [Key] = []
  private let probe: DecodingProbe

  init(_ probe: DecodingProbe) { self.probe = probe }

  func contains(_ key: Key) -> Bool { true }

  func decodeNil(forKey key: Key) throws -> Bool {
    probe.noteNullable(key.stringValue)
    return false
  }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    guard let sample = try probe.field(key.stringValue, type, isOptional: false) else {
      throw probe.refuse("has no sample of \(key.stringValue)")
    }
    return sample
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    try probe.field(key.stringValue, type, isOptional: true)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    throw probe.refuse("nests containers at \(key.stringValue)")
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    throw probe.refuse("nests containers at \(key.stringValue)")
  }

  func superDecoder() throws -> any Decoder { throw probe.refuse("asks for a super decoder") }

  func superDecoder(forKey key: Key) throws -> any Decoder {
    throw probe.refuse("asks for a super decoder")
  }
}

/// Notes a single value.
private struct SingleProbe: SingleValueDecodingContainer {
  let codingPath: [any CodingKey] = []
  private let probe: DecodingProbe

  init(_ probe: DecodingProbe) { self.probe = probe }

  func decodeNil() -> Bool { false }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try probe.value(type) }
}
