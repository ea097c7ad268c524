/// How a balancer chooses a replica for a request.
package enum FleetPolicy: Sendable, Hashable {
  /// One after the other.
  case roundRobin
  /// The one with the fewest rows of prompts to compute.
  case leastLoaded
  /// By a hash of the first blocks of the prompt.
  case hash(blocks: Int)
  /// The same, unless that one has so many times the requests of the mean.
  case boundedHash(blocks: Int, bound: Double)
  /// The one that has seen most of the prompt, unless loads are very unequal.
  case cacheAware
  /// The one that will have the first token soonest: what waits there, and what it has not seen.
  case soonest

  /// All, under their names.
  package static let named: [(name: String, policy: FleetPolicy)] = [
    ("round-robin", .roundRobin), ("least-loaded", .leastLoaded), ("hash-1", .hash(blocks: 1)),
    ("hash-2", .hash(blocks: 2)), ("bounded-1.5", .boundedHash(blocks: 2, bound: 1.5)),
    ("cache-aware", .cacheAware), ("soonest", .soonest),
  ]

  /// Whether the balancer has to remember what each replica was sent.
  var needsIndex: Bool { self == .cacheAware || self == .soonest }
}

/// The blocks that a replica was sent, as far as its cache may still have them.
struct PromptIndex {
  private let capacity: Int
  private var stamps: [Int: Int] = [:]
  private var order: [(block: Int, stamp: Int)] = []
  private var head = 0
  private var clock = 0

  /// Remembers so many blocks.
  init(capacity: Int) {
    self.capacity = max(1, capacity)
  }

  /// Blocks at the beginning that are known.
  func match(_ blocks: [Int]) -> Int { blocks.prefix { stamps[$0] != nil }.count }

  /// Notes that a prompt was sent; forgets what was not sent for longest.
  mutating func add(_ blocks: [Int]) {
    for block in blocks {
      clock += 1
      stamps[block] = clock
      order.append((block, clock))
    }
    while stamps.count > capacity, head < order.count {
      let oldest = order[head]
      head += 1
      if stamps[oldest.block] == oldest.stamp { stamps[oldest.block] = nil }
    }
    guard head > 4 * capacity else { return }
    order.removeFirst(head)
    head = 0
  }
}

/// A balancer: chooses among replicas that it believes to be there.
struct FleetRouter {
  /// What a balancer can know of a replica.
  struct View {
    let index: Int
    let load: Int
    let expectedRows: Int
  }

  let policy: FleetPolicy
  private var turn = 0
  private var indexes: [PromptIndex]

  /// Creates a balancer for replicas whose cache has so many tokens.
  init(_ policy: FleetPolicy, replicas: Int, cacheTokens: Int) {
    self.policy = policy
    let capacity = cacheTokens / FleetRequest.blockTokens
    indexes = Array(
      repeating: PromptIndex(capacity: capacity), count: policy.needsIndex ? replicas : 0)
  }

  /// Tokens of a prompt that a replica is not known to have.
  func unseen(_ request: FleetRequest, at index: Int) -> Int {
    guard policy.needsIndex else { return request.promptTokens }
    let seen = indexes[index].match(request.blocks) * FleetRequest.blockTokens
    return max(1, request.promptTokens - seen)
  }

  /// Notes where a request went.
  mutating func note(_ request: FleetRequest, at index: Int) {
    if policy.needsIndex { indexes[index].add(request.blocks) }
  }

  /// Forgets what a replica had, which has begun anew.
  mutating func forget(_ index: Int, cacheTokens: Int) {
    guard policy.needsIndex else { return }
    indexes[index] = PromptIndex(capacity: cacheTokens / FleetRequest.blockTokens)
  }

  /// Chooses for a request; nil where there is no replica.
  mutating func choose(_ request: FleetRequest, among views: [View]) -> Int? {
    guard !views.isEmpty else { return nil }
    turn += 1
    switch policy {
    case .roundRobin: return views[turn % views.count].index
    case .leastLoaded: return least(views) { $0.expectedRows }
    case .hash(let blocks): return ranked(request, blocks, views).first
    case .boundedHash(let blocks, let bound):
      let all = views.reduce(1) { $0 + $1.load }
      let limit = Int((bound * Double(all) / Double(views.count)).rounded(.up))
      let loads = Dictionary(views.map { ($0.index, $0.load) }) { first, _ in first }
      return ranked(request, blocks, views).first { loads[$0, default: 0] < limit }
    case .cacheAware: return cacheAware(request, views)
    case .soonest: return least(views) { $0.expectedRows + unseen(request, at: $0.index) }
    }
  }

  /// The replica with the least of something; of equal ones another each time.
  private func least(_ views: [View], by cost: (View) -> Int) -> Int? {
    let first = turn % views.count
    let rotated = views[first...] + views[..<first]
    return rotated.map { (cost: cost($0), index: $0.index) }.min { $0.cost < $1.cost }?.index
  }

  /// The replicas by the weight of a prompt's beginning at each, the greatest first: one that comes or
  /// goes moves only its own prompts.
  private func ranked(_ request: FleetRequest, _ blocks: Int, _ views: [View]) -> [Int] {
    var key: UInt64 = 0
    for block in request.blocks.prefix(blocks) {
      var generator = SeededGenerator(seed: key ^ UInt64(truncatingIfNeeded: block))
      key = generator.next()
    }
    let weights = views.map { view in
      var generator = SeededGenerator(seed: key &+ UInt64(view.index) &* 0xD134_2543_DE82_EF95)
      return (weight: generator.next(), index: view.index)
    }
    return weights.sorted { $0.weight > $1.weight }.map(\.index)
  }

  private func cacheAware(_ request: FleetRequest, _ views: [View]) -> Int? {
    let loads = views.map(\.load)
    let (most, fewest) = (loads.max() ?? 0, loads.min() ?? 0)
    if most - fewest > Self.unequal, Double(most) > 1.5 * Double(fewest) {
      return least(views) { $0.load }
    }
    let best = views.max {
      (indexes[$0.index].match(request.blocks), -$0.load, -$0.index)
        < (indexes[$1.index].match(request.blocks), -$1.load, -$1.index)
    }
    return best?.index
  }

  /// Requests that loads may differ by before the balancer looks at nothing else.
  private static let unequal = 8
}
