/// Groups of linear maps, each with an input of its own, that are multiplied side by side: built once at
/// loading, so that running them allocates nothing.
// Unchecked: what groups are told is written by the one caller between jobs of its pool.
package final class LinearGroups: @unchecked Sendable {
  private let groups: [LinearGroup]
  private let places: UnsafeMutableBufferPointer<Place>

  /// A piece of one group: plain words, so that threads share no counted references.
  private struct Place {
    let job: UnsafePointer<LinearGroup.Job>
    let piece: Int
  }

  /// Whether some weights read inputs rounded to 15 bits.
  package var readsQuantizedInput: Bool { groups.contains(where: \.readsQuantizedInput) }

  /// Joins groups.
  package init(_ groups: [LinearGroup]) {
    self.groups = groups
    let places = groups.flatMap { group in
      group.pieces.indices.map { Place(job: UnsafePointer(group.job), piece: $0) }
    }
    self.places = .allocate(capacity: places.count)
    _ = self.places.initialize(from: places)
  }

  deinit {
    places.deinitialize()
    places.deallocate()
  }

  /// Multiplies the first `rows` rows of each input, which the caller has rounded where needed.
  package func runQuantized(rows: Int, on compute: Compute) {
    guard rows > 0, let base = places.baseAddress else { return }
    for group in groups { group.prepare(rows: rows, on: compute) }
    compute.pool.run(places.count, context: base) { context, chunk, worker in
      let place = context.assumingMemoryBound(to: Place.self) + chunk
      LinearGroup.multiply(place.pointee.job, chunk: place.pointee.piece, worker: worker)
    }
  }
}
