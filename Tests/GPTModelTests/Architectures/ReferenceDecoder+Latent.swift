import GPTModel

/// Keys and values that are made of latents.
extension ReferenceDecoder {
  /// What attention of a layer gives for the next position: with all that is rounded on the way, and so
  /// with the heads' matrices applied to queries and to what they gathered.
  func attention(
    _ input: [Double], _ latent: LatentSpec, ofLayer index: Int, in context: inout Context
  ) throws -> [Double] {
    guard let own = spec.layers[index].attention else { return input }
    let block = "blk.\(index)."
    let position = context.position(ofLayer: index)
    func turned(_ part: [Double]) -> [Double] {
      own.rotary.map { self.turned(part, $0, at: position) } ?? part
    }
    let joint = product(input, block + "attn_kv_a_mqa")
    let kept = norm(Array(joint.prefix(latent.rank)), latent.norm, block + "attn_kv_a_norm")
    context.keys[index].append(try rounded(kept + turned(Array(joint.dropFirst(latent.rank)))))
    let queries = try queries(of: input, latent, block, own, at: position, turned)
    var shared = own
    (shared.keyValueHeads, shared.latent) = (1, nil)
    shared.headLength = latent.rank + latent.rotatedLength
    let gathered = try attend(
      shared, try rounded(queries), keys: context.keys[index], values: context.keys[index],
      sinks: [])
    let values = (0..<own.queryHeads).flatMap { head in
      let part = gathered[head * shared.headLength..<head * shared.headLength + latent.rank]
      return product(Array(part), "\(block)attn_v_b.\(head)")
    }
    return product(values, block + "attn_output")
  }

  /// Queries as they meet what is kept, [Q, rank + R].
  private func queries(
    of input: [Double], _ latent: LatentSpec, _ block: String, _ own: AttentionSpec,
    at position: Int, _ turned: ([Double]) -> [Double]
  ) throws -> [Double] {
    var queries: [Double]
    if let rank = latent.queryRank {
      let reduced = product(input, block + "attn_q_a")
      precondition(reduced.count == rank)
      queries = product(norm(reduced, latent.norm, block + "attn_q_a_norm"), block + "attn_q_b")
    } else {
      queries = product(input, block + "attn_q")
    }
    queries = warmed(queries, own, at: position)
    return (0..<own.queryHeads).flatMap { head in
      let start = head * own.headLength
      let plain = Array(queries[start..<start + latent.keyLength])
      let rest = Array(queries[start + latent.keyLength..<start + own.headLength])
      return product(plain, "\(block)attn_k_b.\(head)") + turned(rest)
    }
  }
}
