/// Which process steps which tensors: each has a run of neighbours, as equal in elements as whole tensors allow.
///
/// Muon needs whole matrices, so no tensor is divided: Rajbhandari et al., "ZeRO: Memory Optimizations Toward
/// Training Trillion Parameter Models", 2020, first stage.
struct Ownership: Sendable, Hashable {
  /// The numbers of each process's tensors.
  let tensors: [Range<Int>]
  /// The elements of each process; together all of the list.
  let elements: [Range<Int>]

  /// Divides a list over processes.
  init(_ list: ParameterList, processes: Int) {
    var tensors: [Range<Int>] = []
    var next = 0
    for process in 0..<processes {
      let first = next
      let end = (process + 1) * list.count / processes
      while next < list.tensors.count, process == processes - 1 || list.middle(of: next) < end {
        next += 1
      }
      tensors.append(first..<next)
    }
    self.init(list, tensors: tensors)
  }

  /// Has given tensors belong to each process.
  init(_ list: ParameterList, tensors: [Range<Int>]) {
    func start(_ tensor: Int) -> Int {
      tensor < list.tensors.count ? list.tensors[tensor].offset : list.count
    }
    self.tensors = tensors
    elements = tensors.map { start($0.lowerBound)..<start($0.upperBound) }
  }
}

extension ParameterList {
  /// Where the middle of a tensor lies.
  fileprivate func middle(of tensor: Int) -> Int {
    tensors[tensor].offset + tensors[tensor].count / 2
  }
}
