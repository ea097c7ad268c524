import CTraining
import Tensor
import Training

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Measures products and whole steps of training on this machine, by the time of its own threads:
/// `apus-training-speed [THREADS] [LAYERS WIDTH]`.
let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let threads = arguments.first ?? 1
let layers = arguments.count > 2 ? arguments[1] : 4
let width = arguments.count > 2 ? arguments[2] : 256

/// Seconds that all threads of this process have run so far: other processes do not count.
func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The least time of a thread in some tries, in seconds.
func least(tries: Int, threads: Int = 1, _ body: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<tries {
    let start = processorTime()
    try body()
    best = min(best, (processorTime() - start) / Double(threads))
  }
  return best
}

/// A step of 4 leaves of 1,024 tokens in rows of 512, all of one document or of many.
func leaves(vocabulary: Int, document: Int) throws -> [Leaf] {
  try (0..<4).map { leaf in
    var lengths: [Int] = []
    for _ in 0..<2 {
      lengths += [Int](repeating: document, count: 512 / document)
      if 512 % document > 0 { lengths.append(512 % document) }
    }
    let tokens = (0..<1024).map { UInt32(($0 &* 7919 &+ leaf &* 104_729) % vocabulary) }
    return try Leaf(
      tokens: tokens, targets: tokens.map { Int32($0 + 1) % Int32(vocabulary) },
      documentLengths: lengths)
  }
}

let kernels = try TrainingKernels()
let pool = WorkerPool(threads: threads)
var operations = 0
let peakTime = least(tries: 30) { operations = kernels.keepBusy(rounds: 300_000) }
let peak = Double(operations) / peakTime / 1e9
print("\(kernels.instructionSet.rawValue), \(threads) threads; peak of one \(peak) GFLOP/s")

let products = try MatrixProducts(kernels: kernels, largest: 1024 * 1088)
for (m, n, k) in [(1024, 256, 256), (1024, 704, 256), (1024, 256, 704), (704, 256, 1024)] {
  let a = try FloatBuffer(count: m * k)
  let b = try FloatBuffer(count: k * n)
  let c = try FloatBuffer(count: m * n)
  let product = MatrixProduct(
    rows: m, columns: n, depth: k, left: MatrixView(a.base, columns: k),
    right: MatrixView(b.base, columns: n))
  let seconds = withExtendedLifetime([a, b, c]) {
    least(tries: 20) { products.multiply(product, into: c.base) }
  }
  let rate = 2 * Double(m * n * k) / seconds / 1e9
  print("product [\(m), \(n), \(k)], packing included: \(rate) GFLOP/s, \(rate / peak) of the peak")
}

let shape = ModelShape(
  vocabulary: 4096, width: width, layers: layers,
  attention: .init(queryHeads: width / 64, keyValueHeads: width / 128, headLength: 64),
  feedForward: width == 256 ? 704 : width * 8 / 3, context: 512)
let decoder = try TrainableDecoder(shape)
let weights = try FloatBuffer(count: decoder.parameters.count)
FirstWeights.fill(weights, decoder, seed: 1)
for rule in OptimizerSettings.MatrixRule.allCases {
  var settings = OptimizerSettings()
  settings.matrixRule = rule
  let trainer = Trainer(
    weights: weights,
    optimizer: try Optimizer(
      decoder.parameters, settings: settings, kernels: kernels, threads: pool.threads),
    gradients: try GradientSum(decoder, rows: 1024, kernels: kernels, pool: pool))
  for document in [512, 60] {
    let step = try leaves(vocabulary: 4096, document: document)
    let seconds = try least(tries: 4, threads: threads) { _ = try trainer.step(step, rate: 1e-3) }
    let matrices = decoder.parameters.tensors.filter { $0.role != .norm }
      .reduce(0) { $0 + $1.count }
    let visible = Double(document + 1) / 2
    let attention = 12 * Double(layers * width) * visible
    let rate = 4096 * (6 * Double(matrices) + attention) / seconds / 1e9
    print(
      "\(rule.rawValue), documents of \(document): \(4096 / seconds) tokens/s,"
        + " \(rate) GFLOP/s, \(rate / peak / Double(threads)) of the peak")
  }
}
