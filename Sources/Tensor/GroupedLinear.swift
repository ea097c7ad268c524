import CKernels

/// Rows of a step that one of several linear layers takes: neighbours, in its input and in its output.
package struct RowGroup: BitwiseCopyable, Sendable {
  /// Which of the layers.
  package var member: Int
  /// Which of the inputs the rows are in.
  package var input: Int
  /// The first row in that input.
  package var inputRow: Int
  /// The first row in the output.
  package var outputRow: Int
  /// The rows, at least one.
  package var rows: Int

  /// Names the rows.
  package init(member: Int, input: Int, inputRow: Int, outputRow: Int, rows: Int) {
    self.member = member
    self.input = input
    self.inputRow = inputRow
    self.outputRow = outputRow
    self.rows = rows
  }
}

/// Linear layers of which each takes some rows of a step, as experts do: one parallel job for all, which
/// reads the weights of those that have rows, once each.
///
/// Built once at loading, so that running them allocates nothing.
// Unchecked: `job` and `active` are written by the one caller between jobs of its pool, which orders the
// accesses.
package final class GroupedLinear: @unchecked Sendable {
  /// Rows that layers may read, `[rows, K]`.
  package struct Input {
    let floats: Matrix
    let quantized: Activations?

    /// Names the rows, and the same rounded to 15 bits where some weights read those.
    package init(floats: Matrix, quantized: Activations?) {
      self.floats = floats
      self.quantized = quantized
    }
  }

  /// Whether some weights read the floats of their input.
  package let readsFloatInput: Bool
  /// Whether some weights read their input rounded to 15 bits.
  package let readsQuantizedInput: Bool

  private let inputs: [Input]
  private let items: [LinearGroup.Item]
  private let members: UnsafeMutableBufferPointer<Member>
  private let maps: UnsafeMutableBufferPointer<Map>
  private let activations: UnsafeMutableBufferPointer<apus_activations?>
  private let active: UnsafeMutableBufferPointer<Active>
  private let job: UnsafeMutablePointer<Job>

  /// The products of one layer.
  private struct Member {
    let maps: Range<Int>
    /// Pieces of all of them.
    let pieces: Int
    let bytes: Int
    let weights: Int
  }

  /// One product: plain words, so that threads share no counted references.
  private struct Map {
    /// For the kernels; nil where the weights multiply themselves.
    let table: PanelTable?
    let panels: Int
    let pieces: Int
    let columns: Int
    let destination: apus_destination

    init(_ item: LinearGroup.Item) {
      let packed = item.weights.packed
      table = packed.table
      panels = packed.panelCount
      pieces = LinearGroup.pieceCount(of: packed)
      columns = item.destination.columns
      destination = item.kernelDestination
    }
  }

  /// A layer that has rows, and where its pieces stand among those of all.
  private struct Active {
    let rows: RowGroup
    let firstPiece: Int
  }

  private struct Job {
    var count = 0
    var kernels: UnsafePointer<apus_kernels>?
    let members: UnsafePointer<Member>?
    let maps: UnsafePointer<Map>?
    let activations: UnsafePointer<apus_activations?>?
    let active: UnsafePointer<Active>?
    let owner: Unmanaged<GroupedLinear>
    var compute: Unmanaged<Compute>?
  }

  /// Checks the shapes.
  ///
  /// - Parameters:
  ///   - inputs: What rows may be read from.
  ///   - members: The products of each layer, all of the same rows.
  package init(inputs: [Input], members: [[LinearGroup.Item]]) throws(TensorError) {
    for item in members.joined() {
      let fitting = inputs.filter { $0.floats.columns == item.weights.columns }
      for input in fitting.isEmpty ? inputs : fitting {
        try item.check(input: input.floats, quantized: input.quantized, rows: 0)
      }
    }
    self.inputs = inputs
    items = Array(members.joined())
    readsFloatInput = items.contains { !$0.weights.readsQuantizedInput }
    readsQuantizedInput = items.contains { $0.weights.readsQuantizedInput }
    maps = .copy(of: items.map(Map.init))
    var first = 0
    var list: [Member] = []
    for items in members {
      let own = first..<first + items.count
      list.append(
        Member(
          maps: own, pieces: maps[own].reduce(0) { $0 + $1.pieces },
          bytes: items.reduce(0) { $0 + $1.weights.byteCount },
          weights: items.reduce(0) { $0 + $1.weights.rows * $1.weights.columns }))
      first = own.upperBound
    }
    self.members = .copy(of: list)
    activations = .copy(of: inputs.map { $0.quantized?.raw })
    active = .allocate(capacity: members.count)
    job = .allocate(capacity: 1)
    job.initialize(
      to: Job(
        members: UnsafePointer(self.members.baseAddress), maps: UnsafePointer(maps.baseAddress),
        activations: UnsafePointer(activations.baseAddress),
        active: UnsafePointer(active.baseAddress), owner: Unmanaged.passUnretained(self)))
  }

  deinit {
    job.deinitialize(count: 1)
    job.deallocate()
    for memory in [
      UnsafeMutableRawPointer(members.baseAddress), UnsafeMutableRawPointer(maps.baseAddress),
      UnsafeMutableRawPointer(activations.baseAddress), UnsafeMutableRawPointer(active.baseAddress),
    ] { memory?.deallocate() }
  }

  /// Multiplies rows with the layers that take them; each layer stands in one group at most.
  ///
  /// Where weights read them, the inputs must be there as floats, and rounded.
  package func run(_ groups: UnsafeBufferPointer<RowGroup>, on compute: Compute) {
    var (pieces, bytes, multiplications) = (0, 0, 0)
    precondition(groups.count <= active.count, "more groups than layers")
    for (index, group) in groups.enumerated() {
      let member = members[group.member]
      check(group)
      active.initializeElement(at: index, to: Active(rows: group, firstPiece: pieces))
      pieces += member.pieces
      bytes &+= member.bytes
      multiplications &+= group.rows &* member.weights
    }
    compute.tally.add(bytes: bytes, multiplications: multiplications)
    job.pointee.count = groups.count
    job.pointee.kernels = compute.processor.kernels
    job.pointee.compute = Unmanaged.passUnretained(compute)
    compute.pool.run(pieces, context: job) { context, piece, worker in
      GroupedLinear.multiply(
        context.assumingMemoryBound(to: Job.self), piece: piece, worker: worker)
    }
  }

  private func check(_ group: RowGroup) {
    let input = inputs[group.input].floats
    precondition(
      group.rows > 0 && group.inputRow >= 0 && group.outputRow >= 0
        && group.inputRow + group.rows <= input.rows, "no such rows")
    for map in members[group.member].maps {
      precondition(
        input.columns == items[map].weights.columns
          && group.outputRow + group.rows <= items[map].destination.rows, "no such product")
    }
  }

  private static func multiply(_ job: UnsafePointer<Job>, piece: Int, worker: Int) {
    guard let kernels = job.pointee.kernels, let members = job.pointee.members,
      let maps = job.pointee.maps, let active = group(of: piece, job)
    else { return }
    let group = active.pointee.rows
    var place = piece - active.pointee.firstPiece
    var index = members[group.member].maps.lowerBound
    while place >= maps[index].pieces {
      place -= maps[index].pieces
      index += 1
    }
    let map = maps + index
    let (panels, pieces) = (map.pointee.panels, map.pointee.pieces)
    let range = panels * place / pieces..<panels * (place + 1) / pieces
    guard let table = map.pointee.table, let input = job.pointee.activations?[group.input] else {
      return job.pointee.owner._withUnsafeGuaranteedRef {
        $0.multiplyFloats(index, panels: range, group, worker: worker)
      }
    }
    var activations = input.rows(from: group.inputRow)
    var destination = map.pointee.destination
    destination.out += group.outputRow * destination.out_stride
    kernels.pointee.multiply(
      table.kind, table.base, range.lowerBound, range.upperBound, map.pointee.columns,
      &activations, group.rows, destination)
  }

  /// The group that a piece belongs to: the last that does not begin behind it.
  private static func group(of piece: Int, _ job: UnsafePointer<Job>) -> UnsafePointer<Active>? {
    guard let active = job.pointee.active else { return nil }
    var (first, count) = (0, job.pointee.count)
    while count > 1 {
      let half = count / 2
      if active[first + half].firstPiece <= piece {
        first += half
        count -= half
      } else {
        count = half
      }
    }
    return active + first
  }

  private func multiplyFloats(_ index: Int, panels: Range<Int>, _ group: RowGroup, worker: Int) {
    guard let compute = job.pointee.compute?.takeUnretainedValue() else { return }
    let item = items[index]
    let input = inputs[group.input]
    let destination = item.destination
    item.weights.packed.multiply(
      panels: panels,
      ProductOperands(
        rows: group.rows, input: input.floats.rows(group.inputRow..<input.floats.rows),
        quantized: nil, destination: destination.rows(group.outputRow..<destination.rows),
        bias: item.bias?.base, accumulate: item.accumulate, kernels: compute.processor.kernels,
        scratch: compute.floatScratch[worker]))
  }
}

extension UnsafeMutableBufferPointer {
  /// Memory of its own for plain words.
  fileprivate static func copy(of elements: [Element]) -> Self {
    let copy = Self.allocate(capacity: elements.count)
    _ = copy.initialize(from: elements)
    return copy
  }
}
