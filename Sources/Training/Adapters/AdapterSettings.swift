/// Which matrices get an adapter of low rank, and how large it is: Hu et al., "LoRA", 2021.
package struct AdapterSettings: Sendable, Hashable {
  /// r.
  package var rank: Int
  /// α; what adapters add is multiplied by α / r.
  package var alpha: Double
  /// The matrices of layers, by the name before `.weight`.
  package var targets: Set<String>
  /// What the first matrices are drawn from.
  package var seed: UInt64 = 1

  /// All matrices of layers.
  package static let allTargets: Set<String> = [
    "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down",
  ]

  /// Names the rank; α is twice as much, and all matrices are adapted.
  package init(rank: Int) {
    self.rank = rank
    alpha = 2 * Double(rank)
    targets = Self.allTargets
  }

  /// The factor on what adapters add.
  package var scale: Double { alpha / Double(rank) }

  /// Throws where a number is out of its range.
  package func check() throws(TrainingError) {
    guard (1...1024).contains(rank) else {
      throw TrainingError(.configuration, field: "rank", "\(rank) is not in 1...1024")
    }
    guard alpha > 0, alpha <= 1e6 else {
      throw TrainingError(.configuration, field: "alpha", "\(alpha) is not above 0 up to 1000000")
    }
    guard !targets.isEmpty, targets.isSubset(of: Self.allTargets) else {
      throw TrainingError(
        .configuration, field: "targets",
        "\(targets.sorted()) are not of \(Self.allTargets.sorted())")
    }
  }

  /// All of it in one line.
  var identity: String {
    "rank \(rank) alpha \(alpha) of \(targets.sorted().joined(separator: " ")) seed \(seed)"
  }
}
