import Tensor

/// The memory of experts for a step's rows; every layer uses the same.
///
/// A slot is a row of a step at one of the experts that it takes; slots of an expert are neighbours.
// Unchecked: the views never change, and whoever writes through them orders the accesses.
struct ExpertBuffers: @unchecked Sendable {
  /// The router's logits, then scores, [T, E].
  let scores: Matrix
  /// What experts are chosen by, [T, E].
  let choice: Matrix
  /// The weights of the chosen, [T, k].
  let weights: Matrix
  /// What experts read, [T k, W], where not the rows themselves; with latents [T k, P].
  let inputs: RoundedMatrix
  /// Latents that experts read, then the sums of what they gave, [T, P].
  let latents: RoundedMatrix
  /// Gates of experts, then the activated rows, [T k, F].
  let gates: RoundedMatrix
  /// [T k, F].
  let ups: Matrix
  /// What experts gave, [T k, W]; with latents [T k, P].
  let outputs: Matrix
  /// The logit of the shared expert's gate, [T, 1].
  let sharedGate: Matrix
  /// The shared expert's gates, then the activated rows, [T, F].
  let sharedGates: RoundedMatrix
  /// [T, F].
  let sharedUps: Matrix
  /// What the shared expert gave, [T, W].
  let sharedOutput: Matrix
  /// The experts of each row, [T, k].
  let experts: UnsafeMutablePointer<Int32>
  /// The slot of each row at each of its experts, [T, k].
  let slots: UnsafeMutablePointer<Int32>
  /// Rows of each expert, [E].
  let counts: UnsafeMutablePointer<Int32>
  /// The slot that each expert fills next, [E].
  let next: UnsafeMutablePointer<Int32>
  /// Where each expert that has rows stands in `groups`, [E].
  let places: UnsafeMutablePointer<Int32>
  /// The rows of each expert that has some, and of the shared one, [E + 1].
  let groups: UnsafeMutablePointer<RowGroup>
  private let workspace: Workspace

  /// The sizes that the widest layers ask for; nil where no layer has experts.
  private struct Sizes {
    var experts = 0
    var used = 0
    var width = 0
    var sharedWidth = 0
    var latentWidth = 0
    /// What the widest inputs and outputs have, W or P.
    var inputWidth = 0

    init?(_ spec: TransformerSpec) {
      let layers = spec.layers.compactMap(\.experts)
      guard !layers.isEmpty else { return nil }
      for layer in layers {
        experts = max(experts, layer.count)
        used = max(used, layer.routing.used)
        width = max(width, layer.network.width)
        sharedWidth = max(sharedWidth, layer.shared?.network.width ?? 0)
        latentWidth = max(latentWidth, layer.latentWidth ?? 0)
        inputWidth = max(inputWidth, layer.latentWidth ?? spec.width)
      }
    }
  }

  /// Lays the memory out in a workspace that has room for it.
  init?(
    spec: TransformerSpec, rows: Int, in workspace: Workspace
  ) throws(TensorError) {
    guard let sizes = Sizes(spec) else { return nil }
    func matrix(_ part: Part) throws(TensorError) -> Matrix {
      let size = part.size(sizes, width: spec.width, rows: rows)
      return try workspace.matrix(rows: size.rows, columns: size.columns)
    }
    func rounded(_ part: Part) throws(TensorError) -> RoundedMatrix {
      let size = part.size(sizes, width: spec.width, rows: rows)
      return RoundedMatrix(
        floats: try matrix(part),
        rounded: try workspace.activations(rows: size.rows, columns: size.roundedColumns))
    }
    scores = try matrix(.scores)
    choice = try matrix(.choice)
    weights = try matrix(.weights)
    inputs = try rounded(.inputs)
    latents = try rounded(.latents)
    gates = try rounded(.gates)
    ups = try matrix(.ups)
    outputs = try matrix(.outputs)
    sharedGate = try matrix(.sharedGate)
    sharedGates = try rounded(.sharedGates)
    sharedUps = try matrix(.sharedUps)
    sharedOutput = try matrix(.sharedOutput)
    experts = try workspace.elements(of: Int32.self, count: rows * sizes.used)
    slots = try workspace.elements(of: Int32.self, count: rows * sizes.used)
    counts = try workspace.elements(of: Int32.self, count: sizes.experts)
    next = try workspace.elements(of: Int32.self, count: sizes.experts)
    places = try workspace.elements(of: Int32.self, count: sizes.experts)
    groups = try workspace.elements(of: RowGroup.self, count: sizes.experts + 1)
    self.workspace = workspace
  }

  /// The bytes of all of it.
  static func byteCount(spec: TransformerSpec, rows: Int) throws(TensorError) -> Int {
    guard let sizes = Sizes(spec) else { return 0 }
    var bytes = 0
    for part in Part.allCases {
      let size = part.size(sizes, width: spec.width, rows: rows)
      bytes += try Workspace.bytes(matrixRows: size.rows, columns: size.columns)
      guard part.isRounded else { continue }
      bytes += try Workspace.bytes(activationRows: size.rows, columns: size.roundedColumns)
    }
    bytes += 2 * (try Workspace.bytes(of: Int32.self, count: rows * sizes.used))
    bytes += 3 * (try Workspace.bytes(of: Int32.self, count: sizes.experts))
    return try bytes + Workspace.bytes(of: RowGroup.self, count: sizes.experts + 1)
  }

  /// The list of the matrices: the one place that knows their sizes.
  private enum Part: CaseIterable {
    case scores, choice, weights, inputs, latents, gates, ups, outputs
    case sharedGate, sharedGates, sharedUps, sharedOutput

    var isRounded: Bool {
      self == .inputs || self == .latents || self == .gates || self == .sharedGates
    }

    func size(_ sizes: Sizes, width: Int, rows: Int) -> DecoderBuffers.Size {
      let slots = rows * sizes.used
      // The sum of latents goes through the same memory.
      let hasShared = sizes.sharedWidth > 0 || sizes.latentWidth > 0
      return switch self {
      case .scores, .choice: DecoderBuffers.Size(rows: rows, columns: sizes.experts)
      case .weights: DecoderBuffers.Size(rows: rows, columns: sizes.used)
      case .inputs, .outputs: DecoderBuffers.Size(rows: slots, columns: sizes.inputWidth)
      case .latents: DecoderBuffers.Size(rows: rows, columns: sizes.latentWidth)
      case .gates, .ups: DecoderBuffers.Size(rows: slots, columns: sizes.width)
      case .sharedGate: DecoderBuffers.Size(rows: rows, columns: hasShared ? 1 : 0)
      case .sharedGates, .sharedUps: DecoderBuffers.Size(rows: rows, columns: sizes.sharedWidth)
      case .sharedOutput: DecoderBuffers.Size(rows: rows, columns: hasShared ? width : 0)
      }
    }
  }
}
