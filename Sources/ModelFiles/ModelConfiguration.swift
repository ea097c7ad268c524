/// The hyper-parameters of a model by role, whatever its files call them.
///
/// Every accessor names the file's own key in its error, so that a caller states what it needs in one
/// line:
///
///     let layers = try configuration.integer(.layers, in: 1...1024)
package protocol ModelConfiguration: Sendable {
  /// The architecture as the files name it: `general.architecture`, or `model_type`.
  var architecture: String { get }

  /// Where the files name the architecture, for errors.
  var architectureField: String { get }

  /// Whether the files keep the rows of queries and keys in the order in which neighbours are rotated
  /// together, where the architecture's authors rotate halves: llama.cpp does so for Llama.
  var pairsNeighbours: Bool { get }

  /// Whether the files leave out what equals the default of the architecture's published code.
  var omitsDefaults: Bool { get }

  /// Whether logits are made with the embedding; nil where the files do not say.
  var isTied: Bool? { get }

  /// What is made of the states of a text.
  var modules: TextModules { get }

  /// What a classifier on the states of a text gives; nil where there is none.
  var classes: Int? { get }

  /// Whether logits are made at all, as far as the files say.
  var hasHead: Bool { get }

  /// Whether a name that the files give the model has a word, in lower case.
  func isCalled(_ word: String) -> Bool

  /// Vocabulary, V: the rows of the embedding.
  func vocabularySize(default: Int?) throws(ModelError) -> Int

  /// What the files call a key, for errors.
  func name(of key: ConfigurationKey) -> String

  /// The integer of a key, which must lie in a range; nil where the key is missing or null.
  func integerIfPresent(_ key: ConfigurationKey, in range: ClosedRange<Int>) throws(ModelError)
    -> Int?

  /// The number of a key, which must be finite and lie in a range; nil where it is missing or null.
  func numberIfPresent(_ key: ConfigurationKey, in range: ClosedRange<Double>) throws(ModelError)
    -> Double?

  /// The truth value of a key; nil where the key is missing or null.
  func flagIfPresent(_ key: ConfigurationKey) throws(ModelError) -> Bool?

  /// The string of a key; nil where the key is missing or null.
  func stringIfPresent(_ key: ConfigurationKey) throws(ModelError) -> String?

  /// The integers of a key, one for each layer, which must lie in a range; nil where the key is missing
  /// or has one value for all.
  func integersIfPresent(
    _ key: ConfigurationKey, count: Int, in range: ClosedRange<Int>
  ) throws(ModelError) -> [Int]?

  /// The integers of a key, however many, which must lie in a range; nil where the key is missing or null.
  func integerListIfPresent(_ key: ConfigurationKey, in range: ClosedRange<Int>) throws(ModelError)
    -> [Int]?

  /// The numbers of a key, one for each layer, which must be finite; nil where the key is missing or has
  /// one value for all.
  func numbersIfPresent(_ key: ConfigurationKey, count: Int) throws(ModelError) -> [Float]?

  /// Which layers have a window, [L], where the files say so layer by layer.
  func slidingLayers(count: Int) throws(ModelError) -> [Bool]?

  /// The lengths of a tensor by its canonical name, the fastest-running first; nil where there is none, or
  /// where the files' configuration does not depend on it.
  func dimensions(ofTensor name: String) -> [Int]?

  /// What each layer is, [L], where the files say so: in their own words, or where they tell by sizes or
  /// truth values `full_attention` and `recurrent`.
  func layerKinds(count: Int) throws(ModelError) -> [String]?

  /// Whether the files list which sizes of a layer are not those of the others.
  var listsLayerSizes: Bool { get }

  /// Whether a key is stated to have no value, which is more than to leave it out.
  func isNull(_ key: ConfigurationKey) -> Bool

  /// Which layers have experts, [L], where the files say so layer by layer.
  func listedExpertLayers(count: Int) throws(ModelError) -> [Bool]?

  /// The layers that files list; nil where they list none.
  var listedLayers: Int? { get }

  /// How queries and keys are rotated in layers of a kind, which `defaults` says where the files are
  /// silent.
  func rotary(of kind: AttentionKind, defaults: RotarySpec) throws(ModelError) -> RotarySpec
}

/// The kinds of layers for which files may state other rotary angles.
package enum AttentionKind: String, Sendable, Hashable {
  /// Attention to all positions before.
  case full = "full_attention"
  /// Attention to the positions of a window.
  case sliding = "sliding_attention"
}

extension ModelConfiguration {
  /// Lists no layers.
  package var listedLayers: Int? { nil }

  package func dimensions(ofTensor name: String) -> [Int]? { nil }

  package func isNull(_ key: ConfigurationKey) -> Bool { false }

  /// Lists none.
  package var listsLayerSizes: Bool { false }

  /// Lists none.
  package func listedExpertLayers(count: Int) throws(ModelError) -> [Bool]? { nil }

  /// The integer of a key, which must lie in a range.
  package func integer(
    _ key: ConfigurationKey, in range: ClosedRange<Int>
  ) throws(ModelError) -> Int {
    try require(integerIfPresent(key, in: range), key)
  }

  /// The number of a key, which must be finite and lie in a range.
  package func number(
    _ key: ConfigurationKey, in range: ClosedRange<Double>
  ) throws(ModelError) -> Double {
    try require(numberIfPresent(key, in: range), key)
  }

  /// Refuses a model that sets a key, which would change its results.
  package func refuse(_ key: ConfigurationKey, because reason: String) throws(ModelError) {
    let name = name(of: key)
    if let value = try numberIfPresent(key, in: -1e30...1e30), value != 0 {
      throw ModelError(.unsupported, field: name, "\(value); \(reason)")
    }
  }

  /// Refuses a model for which a key is true.
  package func refuse(flag key: ConfigurationKey, because reason: String) throws(ModelError) {
    if try flagIfPresent(key) == true {
      throw ModelError(.unsupported, field: name(of: key), reason)
    }
  }

  private func require<Value>(
    _ value: Value?, _ key: ConfigurationKey
  ) throws(ModelError) -> Value {
    if let value { return value }
    throw ModelError(.missing, field: name(of: key), "the model needs this key")
  }
}
