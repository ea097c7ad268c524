/// Puts documents into leaves, each document whole.
struct LeafBuilder {
  private var tokens: [UInt32] = []
  private var targets: [Int32] = []
  private var lengths: [Int] = []
  private var weights: [Float] = []

  /// Tokens so far.
  var count: Int { tokens.count }

  /// Adds a document.
  ///
  /// - Parameter weight: The factor on the loss of each token that is learned, in order; nil for 1.
  mutating func add(_ document: TrainedDocument, weight: ((Int) -> Float)? = nil) {
    guard document.positions > 0 else { return }
    tokens += document.tokens.dropLast().map { UInt32($0) }
    lengths.append(document.positions)
    var number = 0
    for place in 1...document.positions {
      targets.append(document.isLearned[place] ? document.tokens[place] : -1)
      weights.append(document.isLearned[place] ? weight?(number) ?? 1 : 0)
      if document.isLearned[place] { number += 1 }
    }
  }

  /// The leaf.
  func leaf(isWeighted: Bool) throws(TrainingError) -> Leaf {
    try Leaf(
      tokens: tokens, targets: targets, documentLengths: lengths,
      weights: isWeighted ? weights : nil)
  }
}

/// Documents in leaves of the same number, in an order drawn anew for each epoch.
package struct DocumentData: StepData {
  private let documents: [TrainedDocument]
  private let perLeaf: Int
  private let leaves: Int
  private let seed: UInt64
  private var epoch = -1
  private var order: [Int] = []

  /// Tokens of the largest leaf.
  package let largestLeaf: Int

  /// Names the documents, each of which has something to learn.
  package init(
    _ documents: [TrainedDocument], perLeaf: Int, leaves: Int, seed: UInt64
  ) throws(TrainingError) {
    guard !documents.isEmpty else {
      throw TrainingError(.data, field: "documents", "there are none")
    }
    for (name, size) in [("documents of a leaf", perLeaf), ("leaves", leaves)]
    where !(1...4096).contains(size) {
      throw TrainingError(.configuration, field: name, "\(size) is not in 1...4096")
    }
    self.documents = documents
    self.perLeaf = perLeaf
    self.leaves = leaves
    self.seed = seed
    largestLeaf = documents.map(\.positions).sorted(by: >).prefix(perLeaf).reduce(0, +)
  }

  /// Steps of an epoch, the last of which takes documents of the next one.
  package var stepsPerEpoch: Int {
    (documents.count + perLeaf * leaves - 1) / (perLeaf * leaves)
  }

  package mutating func leaves(step: Int) throws(TrainingError) -> [Leaf] {
    var made: [Leaf] = []
    for leaf in 0..<leaves {
      var builder = LeafBuilder()
      for place in 0..<perLeaf {
        builder.add(document((step * leaves + leaf) * perLeaf + place))
      }
      made.append(try builder.leaf(isWeighted: false))
    }
    return made
  }

  private mutating func document(_ number: Int) -> TrainedDocument {
    let (epoch, place) = number.quotientAndRemainder(dividingBy: documents.count)
    if epoch != self.epoch {
      order = CounterRandom.order(documents.count, seed: seed, epoch: epoch)
      self.epoch = epoch
    }
    return documents[order[place]]
  }
}
