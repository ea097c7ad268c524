import FoundationEssentials

/// Finds out the forms of decodable types by asking their own decoding what it reads.
final class DecodableForms {
  /// The forms of types that were found, by the names that they are referred to.
  private(set) var definitions: [String: SchemaForm] = [:]
  private var names: [ObjectIdentifier: String] = [:]
  /// Samples of types that are whole.
  private var samples: [ObjectIdentifier: any Decodable] = [:]
  private var depth = 0

  private static let depthLimit = 32

  /// The form of a type's values, and one of them.
  ///
  /// - Parameter wantsSample: Whether a value is needed; of a type that contains itself there is none while its
  ///   form is being found.
  func form(
    of type: any Decodable.Type, wantsSample: Bool = true
  ) throws(ApusError) -> (form: SchemaForm, sample: (any Decodable)?) {
    if let plain = type as? any PlainDecodable.Type { return (plain.form, plain.sample) }
    if let wrapper = type as? any WrappingDecodable.Type {
      guard let element = wrapper.element else {
        throw .notDescribable(type, "its elements cannot be decoded")
      }
      let inner = try form(of: element, wantsSample: wrapper.needsElement)
      return (wrapper.form(of: inner.form), try wrapper.sample(of: inner.sample))
    }
    if let reason = Self.reasonAgainst(type) { throw .notDescribable(type, reason) }
    if let texts = Self.texts(of: type) {
      guard let first = texts.values.first else { throw .notDescribable(type, "it has no cases") }
      return (.choice(texts.texts), first as? any Decodable)
    }
    return try structure(of: type, wantsSample: wantsSample)
  }

  private func structure(
    of type: any Decodable.Type, wantsSample: Bool
  ) throws(ApusError) -> (form: SchemaForm, sample: (any Decodable)?) {
    let key = ObjectIdentifier(type)
    if let name = names[key] {
      if wantsSample, samples[key] == nil {
        throw .notDescribable(type, "a value of it would contain itself without end")
      }
      return (.reference(name), samples[key])
    }
    let name = freeName(for: type)
    names[key] = name
    depth += 1
    defer { depth -= 1 }
    guard depth < Self.depthLimit else { throw .notDescribable(type, "its types nest too deep") }
    let probe = DecodingProbe(self, type)
    let sample: any Decodable
    do {
      sample = try type.init(from: probe)
    } catch let error as ApusError {
      throw error
    } catch {
      let known = probe.members.last.map { ", at or after its field \($0.name)" } ?? ""
      throw .notDescribable(type, "its decoding does not take samples\(known): \(error)")
    }
    let form = try probe.form()
    samples[key] = sample
    guard case .object = form else {
      // What is read as a single value stands where it is needed.
      names[key] = nil
      return (form, sample)
    }
    definitions[name] = form
    return (.reference(name), sample)
  }

  private func freeName(for type: any Decodable.Type) -> String {
    let name = schemaName(of: type)
    var (free, count) = (name, 1)
    while names.values.contains(free) {
      count += 1
      free = "\(name)_\(count)"
    }
    return free
  }

  /// The raw values of an enumeration of texts.
  private static func texts(of type: any Decodable.Type) -> (texts: [String], values: [Any])? {
    guard let type = type as? any (CaseIterable & RawRepresentable).Type else { return nil }
    func all<T: CaseIterable & RawRepresentable>(_: T.Type) -> (texts: [String], values: [Any])? {
      guard T.RawValue.self == String.self else { return nil }
      return (T.allCases.compactMap { $0.rawValue as? String }, Array(T.allCases))
    }
    return all(type)
  }

  /// Why a type has no form that a model could be told.
  private static func reasonAgainst(_ type: any Decodable.Type) -> String? {
    if type is any KeyedDecodable.Type { return "the names of its values are not known" }
    let reads = "it is read from texts or numbers of a form that its decoding does not tell"
    let ambiguous: [any Decodable.Type] = [Date.self, Data.self, UUID.self, URL.self, Decimal.self]
    return ambiguous.contains { $0 == type } ? reads : nil
  }
}

extension ApusError {
  /// Says why a type's form cannot be told.
  static func notDescribable(_ type: any Any.Type, _ detail: String) -> ApusError {
    ApusError(.notDescribable, String(describing: type), detail)
  }
}
