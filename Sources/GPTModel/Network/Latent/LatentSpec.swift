/// Keys and values of all heads made of one latent for each position: DeepSeek-AI, "DeepSeek-V2", 2024.
///
/// A head's key is its matrix times the latent, [N], and behind that a rotated part, [R], which is the same
/// for all heads; its value is another matrix times the latent. The matrices are applied to queries, and to
/// what was gathered, so that the cache keeps the latent and the rotated part alone.
package struct LatentSpec: Sendable, Hashable {
  /// The rank of queries, of which those of all heads are made; nil where they are made of rows at once.
  package var queryRank: Int?
  /// The length of a latent.
  package var rank: Int
  /// The elements of a head's query and key that are not rotated, N.
  package var keyLength: Int
  /// Those that are, R.
  package var rotatedLength: Int
  /// The length of a head's value.
  package var valueLength: Int
  /// The norm of latents.
  package var norm: NormSpec

  /// The length of what the cache keeps, in whole vectors of the kernels.
  package var keptLength: Int { Self.roundedUp(rank + rotatedLength) }
  /// How much of that attention gathers.
  package var keptValueLength: Int { Self.roundedUp(rank) }

  private static func roundedUp(_ length: Int) -> Int { (length + 15) / 16 * 16 }
}
