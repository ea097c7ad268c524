import Testing

@testable import Evaluation
@testable import GPTModel
@testable import Tensor

@Suite("A doctor's advice")
struct AdviceTests {
  /// A machine and a model with nothing to complain about, and then what a test changes.
  private func diagnosis(_ change: (inout Diagnosis) -> Void = { _ in }) -> Diagnosis {
    var machine = Machine { _ in nil }
    machine.processors.usable = [0, 1]
    machine.processors.cores = 2
    machine.memory.totalBytes = 8 << 30
    machine.memory.hugePages = .madvise
    let group = WeightGroup(
      name: "attn_q", format: "Q4_1", count: 30, byteCount: 100 << 20, hasKernel: true)
    var result = Diagnosis(
      machine: machine, blas: BLASLibrary(configuration: "OpenBLAS 0.3.21", core: "SkylakeX"),
      instructionSets: [.scalar, .avx2], instructionSet: .avx2, kernels: "avx2",
      threads: ThreadBudget(count: 2, reason: "as asked"), isOptimized: true, bandwidth: 20e9,
      multiplications: 200e9, multipliedFormat: "Q4_1",
      model: ModelFacts(
        name: "Example", weights: [group], weightBytes: 100 << 20, bytesPerToken: 100 << 20,
        multiplications: (reading: 1, writing: 1), cacheBytes: 1 << 30, cacheBytesPerPosition: 1,
        hugePageBytes: 100 << 20, loading: LoadingTimes(),
        writing: Diagnosis.Speed(expected: 200, measured: 150),
        reading: Diagnosis.Speed(expected: 1000, measured: 700)))
    change(&result)
    return result
  }

  @Test("Where all is well there is none")
  func healthy() {
    #expect(diagnosis().advice == [] && diagnosis().isHealthy)
    #expect(diagnosis { $0.model = nil }.advice == [])
  }

  @Test("What costs more than a fifth makes a machine unhealthy, and stands first")
  func severity() {
    let found = diagnosis {
      $0.machine.memory.hugePages = .never
      $0.othersShare = 0.15
      $0.isOptimized = false
    }
    #expect(found.advice.map(\.id) == ["debug-build", "other-programs", "huge-pages"])
    #expect(!found.isHealthy)
    #expect(diagnosis { $0.othersShare = 0.15 }.isHealthy)
    #expect(!diagnosis { $0.othersShare = 0.25 }.isHealthy)
  }

  @Test("Every fault is named, and told what to do about")
  func faults() {
    let faults: [(String, Bool, (inout Diagnosis) -> Void)] = [
      ("debug-build", false, { $0.isOptimized = false }),
      ("instructions", false, { $0.instructionSet = .scalar }),
      ("instructions", false, { ($0.instructionSets, $0.instructionSet) = ([.scalar], .scalar) }),
      (
        "instructions", false,
        { $0.machine.processors.flags = ["avx512f", "avx512bw", "avx512vl", "avx512_vnni"] }
      ),
      ("throttled", false, { ($0.machine.group.quota, $0.throttledShare) = (1.5, 0.5) }),
      ("quota", false, { $0.machine.group.quota = 1.5 }),
      ("shared-cores", true, { $0.machine.processors.cores = 1 }),
      ("nodes", true, { $0.machine.memory.nodes = 2 }),
      ("memory", false, { $0.machine.group.memoryLimit = 1 << 30 }),
      ("memory", false, { $0.machine.group.memoryLimit = 1 << 20 }),
      ("huge-pages", true, { $0.machine.memory.hugePages = .never }),
      ("huge-pages", true, { $0.model?.hugePageBytes = 0 }),
      (
        "blas", false,
        {
          $0.blas.configuration = nil
          $0.model?.weights[0].hasKernel = false
        }
      ),
      (
        "blas", false,
        {
          $0.blas.core = "Haswell"
          $0.model?.weights[0].hasKernel = false
          $0.machine.processors.flags = ["avx512f"]
        }
      ),
      ("other-programs", true, { $0.othersShare = 0.11 }),
      ("clock", true, { $0.machine.processors.governor = "powersave" }),
      ("speed", false, { $0.model?.writing.measured = 50 }),
      ("speed", false, { $0.model?.reading.measured = 100 }),
    ]
    for (id, isHealthy, fault) in faults {
      let found = diagnosis(fault)
      #expect(found.advice.map(\.id) == [id])
      #expect(found.isHealthy == isHealthy, "\(id)")
      #expect(found.advice.allSatisfy { !$0.finding.isEmpty && !$0.action.isEmpty })
    }
  }

  @Test("A low speed that something explains is not told twice")
  func explained() {
    let found = diagnosis {
      $0.model?.writing.measured = 50
      $0.instructionSet = .scalar
    }
    #expect(found.advice.map(\.id) == ["instructions"])
  }

  @Test("Advice names the settings that would fit")
  func settings() {
    func actions(_ change: (inout Diagnosis) -> Void) -> [String] {
      diagnosis(change).advice.map(\.action)
    }
    #expect(
      actions { $0.machine.group.memoryLimit = 300 << 20 } == [
        "Use --cache-mib 100 with `apus serve`."
      ])
    #expect(
      actions { ($0.machine.group.quota, $0.throttledShare) = (1.5, 0.5) } == [
        "Raise the quota to 2 processors, or use --threads 1."
      ])
    #expect(actions { $0.machine.processors.cores = 1 } == ["Compare with --threads 1."])
  }
}
