import CKernels

/// Rows of one sequence that attention takes together: consecutive positions.
public struct AttentionBlock: Sendable, BitwiseCopyable {
  /// The first row in the step.
  public let firstRow: Int
  /// The rows, at least one.
  public let rows: Int
  /// The position of the first row.
  public let firstPosition: Int
  /// Where the page numbers of the sequence stand in the list of all.
  public let firstPage: Int
  /// The positions of the sequence, which rows see that see those after them.
  public let end: Int

  /// Creates a block.
  ///
  /// - Parameters:
  ///   - firstRow: The first row in the step.
  ///   - rows: The rows, at least one.
  ///   - firstPosition: The position of the first row.
  ///   - firstPage: Where the page numbers of the sequence stand in the list of all.
  ///   - end: The positions that rows may see; nil for those up to the block's last.
  public init(firstRow: Int, rows: Int, firstPosition: Int, firstPage: Int, end: Int? = nil) {
    self.end = end ?? firstPosition + rows
    self.firstRow = firstRow
    self.rows = rows
    self.firstPosition = firstPosition
    self.firstPage = firstPage
  }
}

/// Attention of all rows of a step to what is cached of their sequences: built once at loading.
///
/// Query heads share key-value heads in groups: Ainslie et al., "GQA", 2023. Where there are too few
/// rows and heads for all threads, groups of positions are computed side by side and merged, with the
/// same result.
// Unchecked: the memory is written by the threads of one job at a time, each its own part.
public final class BatchAttention: @unchecked Sendable {
  /// What the attention of all layers has in common.
  public struct Shape: Sendable {
    /// Q.
    public var queryHeads: Int
    /// How a layer's page is laid out; it says G and D.
    public var layout: PageLayout
    /// Rows of a block at most.
    public var rowsPerBlock: Int
    /// Positions a sequence may have, C.
    public var contextLength: Int

    /// Query heads that are computed together: those that share a key-value head, or where these are many
    /// and share latents, a part of them, as there may be no other heads for other threads.
    var headsPerItem: Int {
      let heads = queryHeads / layout.keyValueHeads
      guard layout.latentLength != nil else { return heads }
      return (1...min(heads, Self.latentHeadsPerItem)).last(where: heads.isMultiple) ?? heads
    }

    private static let latentHeadsPerItem = 16

    /// Names the sizes.
    public init(queryHeads: Int, layout: PageLayout, rowsPerBlock: Int, contextLength: Int) {
      self.queryHeads = queryHeads
      self.layout = layout
      self.rowsPerBlock = rowsPerBlock
      self.contextLength = contextLength
    }
  }

  private let shape: Shape
  private let queries: Matrix
  private let out: Matrix
  /// One row for each thread.
  private let scratch: Storage
  private let scratchFloats: Int
  /// What groups of positions gave, before they are merged.
  private let states: Storage
  private let stateFloats: Int

  /// What a chunk needs: plain words, so that threads share no counted references.
  private struct Job {
    var work: apus_attention
    /// Whether rows see positions after their own.
    let seesAhead: Bool
    let kernels: UnsafePointer<apus_kernels>
    let blocks: UnsafePointer<AttentionBlock>
    let tables: UnsafePointer<Int32>
    /// What a block is cut into, some query heads each.
    let parts: Int
    /// How many of these share a key-value head.
    let partsPerHead: Int
    let valueLength: Int
    let headBytes: Int
    let scratch: UnsafeMutablePointer<Float>
    let scratchFloats: Int
    let states: UnsafeMutablePointer<Float>
    /// The floats of one state.
    let stateStride: Int
    /// The length of chunks of positions that see each other alone, which blocks are cut at; 0 for all.
    let chunk: Int
    /// Groups of each block and head at most that are computed side by side; 0 for one after the other.
    var groups: Int

    /// What a block is cut into by chunks: it is shorter than two of them.
    var cuts: Int { chunk > 0 ? 2 : 1 }
  }

  /// Allocates scratch. `queries` are `[T, Q D]`, `out` is `[T, Q D]` too, or with the length of values for
  /// D.
  public init(
    _ shape: Shape, queries: Matrix, out: Matrix, threads: Int
  ) throws(TensorError) {
    self.shape = shape
    self.queries = queries
    self.out = out
    let (layout, heads) = (shape.layout, shape.headsPerItem)
    // Threads do not share a cache line, nor the line that is fetched with it.
    scratchFloats =
      (apus_attention_scratch(
        shape.rowsPerBlock, heads, layout.headLength, layout.latentLength ?? 0) + 31) / 32 * 32
    let groups = (shape.contextLength - 1) / Int(APUS_GROUP) + 1
    // At least for one row of one sequence, however long.
    stateFloats = max(
      Self.smallStates,
      try Tensor.Shape.product(
        groups * (shape.queryHeads / heads), apus_attention_state(1, heads, layout.valueLength),
        of: "attention"))
    let stride = MemoryLayout<Float>.stride
    scratch = try Storage(
      byteCount: Tensor.Shape.product(threads, scratchFloats * stride, of: "attention"))
    states = try Storage(byteCount: Tensor.Shape.product(stateFloats, stride, of: "attention"))
  }

  /// Attends from every row to its sequence's positions up to its own, or to all, in one layer.
  ///
  /// - Parameters:
  ///   - blocks: The rows.
  ///   - tables: Page numbers, sequence after sequence.
  ///   - pages: The layer's keys and values. Those that no row sees are not read, nor their numbers.
  ///   - traits: What sets the layer apart.
  ///   - compute: The kernels and threads.
  public func run(
    blocks: UnsafeBufferPointer<AttentionBlock>, tables: UnsafePointer<Int32>, pages: LayerPages,
    traits: AttentionTraits, on compute: Compute
  ) {
    guard let first = blocks.baseAddress else { return }
    precondition(
      (traits.sinks?.count ?? shape.queryHeads) == shape.queryHeads, "a sink for each head")
    precondition(
      (traits.slopes?.count ?? shape.queryHeads) == shape.queryHeads, "a slope for each head")
    precondition(traits.isCausal || traits.slopes == nil, "slopes go back only")
    let layout = shape.layout
    let heads = shape.headsPerItem
    let work = apus_attention(
      queries: queries.base, query_stride: queries.stride, out: out.base, out_stride: out.stride,
      rows: 0, heads: UInt32(heads), head_length: UInt32(layout.headLength), first_limit: 0,
      format: layout.format.kernelFormat, pages: UnsafePointer(pages.base),
      page_stride: pages.stride, head_offset: 0, table: tables, scale: traits.scale,
      scratch: scratch.base.assumingMemoryBound(to: Float.self),
      window: UInt32(clamping: traits.window ?? 0), cap: traits.softCap ?? 0,
      sinks: traits.sinks?.base, slopes: traits.slopes?.base,
      latent_length: UInt32(layout.latentLength ?? 0), end: 0)
    let rows = blocks.reduce(0) { max($0, $1.rows) }
    let stateStride = apus_attention_state(rows, heads, layout.valueLength)
    let parts = shape.queryHeads / heads
    let chunk = traits.chunk ?? 0
    precondition(
      chunk % PageLayout.positions == 0 && (chunk == 0 || rows <= chunk), "chunks of whole pages")
    var job = Job(
      work: work, seesAhead: !traits.isCausal, kernels: compute.processor.kernels,
      blocks: first, tables: tables, parts: parts, partsPerHead: parts / layout.keyValueHeads,
      valueLength: layout.valueLength, headBytes: layout.bytesPerHead,
      scratch: scratch.base.assumingMemoryBound(to: Float.self), scratchFloats: scratchFloats,
      states: states.base.assumingMemoryBound(to: Float.self), stateStride: stateStride,
      chunk: chunk, groups: 0)
    let items = blocks.count * job.cuts * parts
    job.groups = groups(of: blocks, job: job, on: compute)
    withExtendedLifetime(traits) { run(&job, items: items, on: compute) }
  }

  private func run(_ job: inout Job, items: Int, on compute: Compute) {
    withUnsafePointer(to: &job) { job in
      compute.pool.run(items * max(job.pointee.groups, 1), context: job) { job, chunk, worker in
        BatchAttention.run(job.assumingMemoryBound(to: Job.self), chunk: chunk, worker: worker)
      }
      if job.pointee.groups > 0 {
        for item in 0..<items { Self.merge(job, item: item) }
      }
    }
  }

  /// How many groups to compute side by side, so that all threads have enough to do; 0 for none.
  private func groups(
    of blocks: UnsafeBufferPointer<AttentionBlock>, job: Job, on compute: Compute
  ) -> Int {
    let items = blocks.count * job.cuts * job.parts
    guard compute.pool.threads > 1, items < Self.itemsPerThread * compute.pool.threads else {
      return 0
    }
    let groups = blocks.reduce(0) { most, block in
      (0..<job.cuts).reduce(most) { most, cut in
        var work = job.work
        work.place(at: block.cut(cut, chunk: job.chunk), seesAhead: job.seesAhead)
        return work.rows == 0 ? most : max(most, apus_attention_groups(&work).count)
      }
    }
    return groups > 1 && items * groups * job.stateStride <= stateFloats ? groups : 0
  }

  /// The work of one block and some heads.
  private static func work(
    _ job: UnsafePointer<Job>, item: Int, worker: Int
  ) -> apus_attention {
    let (place, part) = item.quotientAndRemainder(dividingBy: job.pointee.parts)
    let (number, cut) = place.quotientAndRemainder(dividingBy: job.pointee.cuts)
    let block = job.pointee.blocks[number].cut(cut, chunk: job.pointee.chunk)
    var work = job.pointee.work
    let head = part * Int(work.heads)
    work.queries += block.firstRow * work.query_stride + head * Int(work.head_length)
    work.out += block.firstRow * work.out_stride + head * job.pointee.valueLength
    work.place(at: block, seesAhead: job.pointee.seesAhead)
    work.sinks = work.sinks.map { $0 + head }
    work.slopes = work.slopes.map { $0 + head }
    work.head_offset = part / job.pointee.partsPerHead * job.pointee.headBytes
    work.table = job.pointee.tables + block.firstPage
    work.scratch = job.pointee.scratch + worker * job.pointee.scratchFloats
    return work
  }

  private static func run(_ job: UnsafePointer<Job>, chunk: Int, worker: Int) {
    let groups = job.pointee.groups
    guard groups > 0 else {
      var work = work(job, item: chunk, worker: worker)
      guard work.rows > 0 else { return }
      return job.pointee.kernels.pointee.attend(&work)
    }
    var work = work(job, item: chunk / groups, worker: worker)
    guard work.rows > 0 else { return }
    let seen = apus_attention_groups(&work)
    guard chunk % groups < seen.count else { return }
    job.pointee.kernels.pointee.attend_group(
      &work, seen.first + UInt32(chunk % groups),
      job.pointee.states + chunk * job.pointee.stateStride)
  }

  private static func merge(_ job: UnsafePointer<Job>, item: Int) {
    var work = work(job, item: item, worker: 0)
    guard work.rows > 0 else { return }
    let states = job.pointee.states + item * job.pointee.groups * job.pointee.stateStride
    job.pointee.kernels.pointee.merge_groups(&work, states, job.pointee.stateStride)
  }

  /// Below so many blocks and heads for each thread some thread would wait for the last.
  private static let itemsPerThread = 4
  /// Floats of states that are there at least: a megabyte.
  private static let smallStates = 1 << 18
}

extension AttentionBlock {
  /// The rows before the start of a chunk of positions that is within the block, or those from there on, their
  /// chunk standing for the whole sequence; without chunks the block itself.
  fileprivate func cut(_ cut: Int, chunk: Int) -> AttentionBlock {
    guard chunk > 0 else { return self }
    let start = firstPosition / chunk * chunk
    let before = min(rows, start + chunk - firstPosition)
    let (first, count) = cut == 0 ? (0, before) : (before, rows - before)
    let seen = cut == 0 ? start : start + chunk
    guard count > 0 else {
      return AttentionBlock(firstRow: firstRow, rows: 0, firstPosition: 0, firstPage: firstPage)
    }
    return AttentionBlock(
      firstRow: firstRow + first, rows: count, firstPosition: firstPosition + first - seen,
      firstPage: firstPage + seen / PageLayout.positions)
  }
}

extension apus_attention {
  /// Takes a block's rows and positions.
  ///
  /// A row with a window about it sees as far ahead as back: its limit is so far beyond its own position,
  /// but for the end. Without a window every row's limit is the end or beyond.
  fileprivate mutating func place(at block: AttentionBlock, seesAhead: Bool) {
    rows = UInt32(block.rows)
    first_limit = UInt32(block.firstPosition + 1)
    guard seesAhead else { return }
    end = UInt32(block.end)
    first_limit = window > 0 ? first_limit + window / 2 : end
  }
}

extension apus_group_range {
  fileprivate var count: Int { Int(end - first) }
}
