import CKernels

/// Consecutive positions of one sequence that attend to what is cached of it, for the query heads
/// that share a key-value head.
// Unchecked: views; the pool of threads orders the accesses.
public struct AttentionQueries: @unchecked Sendable {
  /// The queries of the first head of the first row; heads `[D]` follow each other.
  public var queries: UnsafePointer<Float>
  /// The elements from a row's queries to the next row's.
  public var queryStride: Int
  /// Where the results go, laid out like the queries.
  public var out: UnsafeMutablePointer<Float>
  /// The elements from a row's results to the next row's.
  public var outStride: Int
  /// The rows.
  public var rows: Int
  /// The query heads that share the key-value head.
  public var heads: Int
  /// The positions that row 0 sees, its own included; row r sees r more.
  public var visible: Int
  /// Multiplies the scores; usually 1 / sqrt(D).
  public var scale: Float

  /// Takes some rows of two matrices, at the columns where the heads of the group lie.
  ///
  /// `queries` and `out` are `[T, heads * D]`: views of the group's columns.
  public init(
    queries: Matrix, out: Matrix, heads: Int, visible: Int, scale: Float
  ) {
    precondition(queries.rows == out.rows && queries.columns == out.columns, "unlike matrices")
    self.queries = UnsafePointer(queries.base)
    queryStride = queries.stride
    self.out = out.base
    outStride = out.stride
    rows = queries.rows
    self.heads = heads
    self.visible = visible
    self.scale = scale
  }

  /// The floats of scratch that `attend` needs for up to so many rows and heads.
  public static func scratch(rows: Int, heads: Int, headLength: Int) -> Int {
    apus_attention_scratch(rows, heads, headLength)
  }
}

extension LayerPages {
  /// Computes attention for one key-value head.
  ///
  /// `table` lists the sequence's pages in order, enough for `visible + rows - 1` positions.
  public func attend(
    _ work: AttentionQueries, head: Int, table: UnsafePointer<Int32>,
    scratch: UnsafeMutablePointer<Float>, using processor: Processor
  ) {
    precondition(work.visible > 0, "nothing to attend to")
    var attention = apus_attention(
      queries: work.queries, query_stride: work.queryStride, out: work.out,
      out_stride: work.outStride, rows: UInt32(work.rows), heads: UInt32(work.heads),
      head_length: UInt32(layout.headLength), first_limit: UInt32(work.visible),
      format: layout.format.kernelFormat, pages: UnsafePointer(base), page_stride: stride,
      head_offset: layout.offset(ofHead: head),
      table: table, scale: work.scale, scratch: scratch)
    processor.kernels.pointee.attend(&attention)
  }
}
