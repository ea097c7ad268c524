import Tensor

/// The memory of a step's rows on their way through the layers; every layer uses the same.
struct DecoderBuffers: Sendable {
  /// The residual stream, [T, W].
  let hidden: Matrix
  /// Rows of an embedding of another width, and the last states on their way back to it, [T, E]; none
  /// where that is W.
  let embedded: RoundedMatrix
  /// Normalised rows, [T, W].
  let normed: RoundedMatrix
  /// What a block gave before it is changed and added, or rows of positions, [T, W]; none where there is
  /// neither.
  let branch: Matrix
  /// Queries, or what a recurrence projects its input to, [T, Q D], of the widest layer, as all that follow.
  let queries: Matrix
  /// Keys, [T, G D].
  let keys: Matrix
  /// Values, [T, G D].
  let values: Matrix
  /// What attention gathered, or a recurrence gave, [T, Q D].
  let attended: RoundedMatrix
  /// Gates, then the activated rows, [T, F]; before, gates of attention, and what a recurrence selects by.
  let gates: RoundedMatrix
  /// [T, F].
  let ups: Matrix
  /// Each layer's part of a second embedding, [T, L P]; none where there is none, as in what follows.
  let perLayer: Matrix
  /// Rows of that embedding, [T, L P].
  let perLayerRows: Matrix
  /// Gates of a layer's part, [T, P].
  let perLayerGates: RoundedMatrix
  /// Residual streams beside `hidden`, [T, n W].
  let streams: Matrix
  /// How much of each stream goes into others, [T, n].
  let routes: Matrix
  /// Between the matrices of a linear map of low rank, [T, rank].
  let laurel: RoundedMatrix
  /// What the router of experts beside a feed-forward network reads, [T, W].
  let routed: RoundedMatrix
  /// What those experts give, [T, W].
  let mixed: Matrix
  /// Of latent attention: latents of queries, [T, rank].
  let queryLatents: RoundedMatrix
  /// Queries as they are projected, [T, Q D], where keys are latents.
  let headQueries: Matrix
  /// Their parts that are not rotated, head after head, each [T, N], rounded.
  let roundedQueries: Activations
  /// The latents that heads gathered, [T, Q V].
  let gathered: Matrix
  /// The same head after head, each [T, rank], rounded.
  let roundedLatents: Activations
  /// [S, V].
  let logits: Matrix
  /// What experts need; nil where no layer has some.
  let experts: ExpertBuffers?
  private let workspace: Workspace

  /// Lays out the memory of all steps to come.
  init(spec: TransformerSpec, capacity: DecoderCapacity) throws(TensorError) {
    let workspace = try Workspace(byteCount: Self.byteCount(spec: spec, capacity: capacity))
    func matrix(_ part: Part) throws(TensorError) -> Matrix {
      let size = part.size(spec, capacity)
      return try workspace.matrix(rows: size.rows, columns: size.columns)
    }
    func rounded(_ part: Part) throws(TensorError) -> RoundedMatrix {
      let size = part.size(spec, capacity)
      return RoundedMatrix(
        floats: try matrix(part),
        rounded: try workspace.activations(
          rows: size.rows, columns: size.roundedColumns))
    }
    hidden = try matrix(.hidden)
    embedded = try rounded(.embedded)
    normed = try rounded(.normed)
    branch = try matrix(.branch)
    queries = try matrix(.queries)
    keys = try matrix(.keys)
    values = try matrix(.values)
    attended = try rounded(.attended)
    gates = try rounded(.gates)
    ups = try matrix(.ups)
    perLayer = try matrix(.perLayer)
    perLayerRows = try matrix(.perLayerRows)
    perLayerGates = try rounded(.perLayerGates)
    streams = try matrix(.streams)
    routes = try matrix(.routes)
    laurel = try rounded(.laurel)
    routed = try rounded(.routed)
    mixed = try matrix(.mixed)
    queryLatents = try rounded(.queryLatents)
    headQueries = try matrix(.headQueries)
    gathered = try matrix(.gathered)
    func activations(_ part: Part) throws(TensorError) -> Activations {
      let size = part.size(spec, capacity)
      return try workspace.activations(rows: size.rows, columns: size.roundedColumns)
    }
    roundedQueries = try activations(.roundedQueries)
    roundedLatents = try activations(.roundedLatents)
    logits = try matrix(.logits)
    experts = try ExpertBuffers(spec: spec, rows: capacity.limits.rowsPerStep, in: workspace)
    self.workspace = workspace
  }

  /// The size of a matrix.
  struct Size {
    let rows: Int
    let columns: Int

    /// Activations come in whole blocks.
    var roundedColumns: Int {
      columns / Activations.blockLength * Activations.blockLength
    }
  }

  /// The bytes of all of it.
  static func byteCount(spec: TransformerSpec, capacity: DecoderCapacity) throws(TensorError)
    -> Int
  {
    var bytes = try ExpertBuffers.byteCount(spec: spec, rows: capacity.limits.rowsPerStep)
    for part in Part.allCases {
      let size = part.size(spec, capacity)
      if part.hasFloats {
        bytes += try Workspace.bytes(matrixRows: size.rows, columns: size.columns)
      }
      if part.isRounded {
        bytes += try Workspace.bytes(activationRows: size.rows, columns: size.roundedColumns)
      }
    }
    return bytes
  }

  /// The list of the buffers: the one place that knows their sizes.
  private enum Part: CaseIterable {
    case hidden, embedded, normed, branch, queries, keys, values, attended, gates, ups, logits
    case perLayer, perLayerRows, perLayerGates, streams, routes, laurel
    case routed, mixed, queryLatents, headQueries, roundedQueries, gathered, roundedLatents

    var isRounded: Bool {
      switch self {
      case .embedded, .normed, .attended, .gates, .perLayerGates, .laurel, .queryLatents: true
      case .roundedQueries, .roundedLatents, .routed: true
      default: false
      }
    }

    var hasFloats: Bool { self != .roundedQueries && self != .roundedLatents }

    /// Rows for each row of a step.
    private func heads(_ spec: TransformerSpec) -> Int {
      guard !hasFloats else { return 1 }
      return spec.layers.compactMap { $0.attention?.latent == nil ? nil : $0.attention?.queryHeads }
        .max() ?? 0
    }

    func size(_ spec: TransformerSpec, _ capacity: DecoderCapacity) -> Size {
      func widest(_ width: (LayerSpec) -> Int?) -> Int { spec.layers.compactMap(width).max() ?? 0 }
      let columns =
        switch self {
        case .hidden, .normed: spec.width
        case .embedded: spec.embedding.width ?? 0
        case .branch:
          spec.layers.contains(where: \.changesBranches) || spec.embedding.addsRows
            ? spec.width : 0
        case .queries: max(widest(\.attention?.queryWidth), widest(\.recurrence?.projectedWidth))
        case .attended:
          max(
            widest(\.attention?.attendedWidth), widest(\.recurrence?.innerWidth),
            widest { $0.attention?.latent == nil ? $0.attention?.queryWidth : nil })
        case .keys, .values: widest(\.attention?.keyValueWidth)
        case .gates:
          max(
            widest(\.feedForward?.width), widest(\.recurrence?.scratchWidth),
            widest { $0.attention?.hasOutputGate == true ? $0.attention?.queryWidth : nil })
        case .ups: widest(\.feedForward?.width)
        case .perLayer, .perLayerRows: (spec.embedding.perLayer?.width ?? 0) * spec.layers.count
        case .perLayerGates: spec.embedding.perLayer?.width ?? 0
        case .streams: (spec.streams?.count ?? 0) * spec.width
        case .routes: spec.streams?.count ?? 0
        case .laurel: widest(\.laurelRank)
        case .routed, .mixed: spec.layers.contains(where: \.hasExpertsBeside) ? spec.width : 0
        case .queryLatents: widest(\.attention?.latent?.queryRank)
        case .headQueries:
          widest { $0.attention.map { $0.latent == nil ? 0 : $0.queryHeads * $0.headLength } }
        case .roundedQueries: widest(\.attention?.latent?.keyLength)
        case .gathered:
          widest { layer in
            layer.attention.map { $0.queryHeads * ($0.latent?.keptValueLength ?? 0) }
          }
        case .roundedLatents: widest(\.attention?.latent?.rank)
        case .logits: spec.head.hasLogits ? spec.vocabularySize : 0
        }
      return Size(
        rows: self == .logits
          ? capacity.logitRows : heads(spec) * capacity.limits.rowsPerStep, columns: columns)
    }
  }
}

/// A matrix, and room for the same rounded to 15 bits, which products of quantised weights read.
struct RoundedMatrix: Sendable {
  /// [rows, columns].
  let floats: Matrix
  /// [rows, columns]; of use only where the columns are whole blocks.
  private let rounded: Activations

  init(floats: Matrix, rounded: Activations) {
    self.floats = floats
    self.rounded = rounded
  }

  /// The same memory as the input of products that read the first columns.
  func first(columns: Int) -> RoundedMatrix {
    RoundedMatrix(
      floats: floats.columns(0..<columns),
      rounded: rounded.first(columns: columns / Activations.blockLength * Activations.blockLength))
  }

  /// The rounded rows; nil where the columns are no whole blocks, which only float weights can read.
  var quantized: Activations? {
    floats.columns.isMultiple(of: Activations.blockLength) ? rounded : nil
  }

  /// Rounds a row.
  func quantize(row: Int, using processor: Processor) {
    quantized?.quantize(row: row, from: floats.row(row), using: processor)
  }
}
