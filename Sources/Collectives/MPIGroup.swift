import CMPI

/// The processes that an `mpirun` has started, over MPI.
// Unchecked: one thread at a time calls.
package final class MPIGroup: ProcessGroup, @unchecked Sendable {
  package let rank: Int
  package let size: Int
  package let localSize: Int
  package private(set) var sentBytes = 0
  package var patience = 600.0

  /// Whether this program was built with MPI.
  package static var isBuilt: Bool { apus_mpi_is_built() }

  private init() throws(ProcessGroupError) {
    guard apus_mpi_start() == APUS_MPI_DONE else {
      throw ProcessGroupError("MPI refused to start for threads that take turns")
    }
    rank = Int(apus_mpi_rank())
    size = Int(apus_mpi_size())
    localSize = Int(apus_mpi_local_size())
  }

  /// The processes of this run: those of the `mpirun` that the environment tells of, else this one alone.
  ///
  /// - Throws: An error where the program cannot reach the others that were started with it.
  package static func world(
    _ environment: [String: String]
  ) throws(ProcessGroupError) -> any ProcessGroup {
    guard let launch = Launch(environment) else { return SingleProcess() }
    guard apus_mpi_is_built() else {
      if launch.size == 1 { return SingleProcess() }
      throw ProcessGroupError(
        "this program was built without MPI; `swift build --traits Server,MPI` builds it with it")
    }
    let group = try MPIGroup()
    if let size = launch.size, size != group.size {
      throw ProcessGroupError(
        "\(size) processes were started, of which this one finds \(group.size): the program was "
          + "built for another MPI than that of this mpirun")
    }
    return group
  }

  package func exchange(
    _ sent: Parts<UnsafePointer<Float>>, into received: Parts<UnsafeMutablePointer<Float>>
  ) throws(ProcessGroupError) {
    let outcome = with(sent.ranges) { sending in
      with(received.ranges) { receiving in
        apus_mpi_all_to_all(sent.base, sending, received.base, receiving, patience)
      }
    }
    try check(outcome)
    for (other, range) in sent.ranges.enumerated() where other != rank {
      sentBytes += range.count * MemoryLayout<Float>.stride
    }
  }

  package func gather(
    _ values: Parts<UnsafeMutablePointer<Float>>
  ) throws(ProcessGroupError) {
    try gather(values.base, values.ranges, width: MemoryLayout<Float>.stride)
  }

  package func gather(
    _ bytes: Parts<UnsafeMutablePointer<UInt8>>
  ) throws(ProcessGroupError) {
    try gather(bytes.base, bytes.ranges, width: 1)
  }

  private func gather(
    _ base: UnsafeMutableRawPointer, _ ranges: [Range<Int>], width: Int
  ) throws(ProcessGroupError) {
    try check(with(ranges) { apus_mpi_all_gather(base, $0, CInt(width), patience) })
    sentBytes += (size - 1) * width * ranges[rank].count
  }

  package func end(_ code: Int32) { apus_mpi_stop(code) }

  package func abort(_ code: Int32) { apus_mpi_abort(code) }

  private func with<Result>(
    _ ranges: [Range<Int>], _ body: (apus_mpi_parts) -> Result
  ) -> Result {
    let counts = ranges.map { Int64($0.count) }
    let places = ranges.map { Int64($0.lowerBound) }
    return counts.withUnsafeBufferPointer { counts in
      places.withUnsafeBufferPointer { places in
        guard let count = counts.baseAddress, let place = places.baseAddress else {
          preconditionFailure("a group has a process")
        }
        return body(apus_mpi_parts(counts: count, places: place))
      }
    }
  }

  private func check(_ outcome: apus_mpi_outcome) throws(ProcessGroupError) {
    switch outcome {
    case APUS_MPI_DONE: return
    case APUS_MPI_LATE:
      throw ProcessGroupError("the other processes did not answer for \(Int(patience)) s")
    case APUS_MPI_TOO_LARGE: throw ProcessGroupError("a part has more than 2^31 elements")
    default: throw ProcessGroupError("MPI is not there")
    }
  }
}

/// What an `mpirun` tells the processes that it starts.
struct Launch: Hashable {
  /// All processes; nil where the environment does not tell.
  let size: Int?

  /// Reads the variables of Open MPI's, MPICH's and PMIx's launchers; nil where there are none.
  init?(_ environment: [String: String]) {
    let sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].compactMap {
      environment[$0].flatMap { Int($0) }
    }
    let ranks = ["PMIX_RANK", "PMI_RANK", "PMI_FD"].compactMap { environment[$0] }
    if sizes.isEmpty, ranks.isEmpty { return nil }
    size = sizes.first
  }
}
