import Evaluation
import Foundation
import GPTModel
import Tensor

extension DoctorReport {
  /// Writes a diagnosis down for programs; what the system does not tell is left out.
  static func json(_ diagnosis: Diagnosis) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(Document(diagnosis)), as: UTF8.self)
  }
}

/// What is written, in bytes, seconds, and tokens a second.
private struct Document: Encodable {
  struct Cache: Encodable {
    let level: Int
    let bytes: Int
    let processors: Int
  }
  struct Processor: Encodable {
    let name: String
    let processors: Int
    let cores: Int
    let megahertz: Double?
    let governor: String?
    let caches: [Cache]
  }
  struct Memory: Encodable {
    let totalBytes: Int?
    let availableBytes: Int?
    let nodes: Int
    let hugePages: String?
    let lockLimit: Int?
  }
  struct Group: Encodable {
    let quota: Double?
    let memoryLimit: Int?
    let periods: Int?
    let throttledPeriods: Int?
  }
  struct Threads: Encodable {
    let count: Int
    let reason: String
  }
  struct Library: Encodable {
    let openBLAS: String?
    let core: String?
  }
  struct Measured: Encodable {
    let bytesPerSecond: Double
    let multiplicationsPerSecond: Double
    let multipliedFormat: String
    let othersShare: Double?
    let throttledShare: Double?
  }
  struct Finding: Encodable {
    let id: String
    let finding: String
    let action: String
    let cost: Double?
  }

  let processor: Processor
  let memory: Memory
  let controlGroup: Group
  let threads: Threads
  let instructionSets: [String]
  let kernels: String
  let blas: Library
  let isOptimized: Bool
  let measured: Measured
  let model: Model?
  let advice: [Finding]
  let isHealthy: Bool

  init(_ diagnosis: Diagnosis) {
    let machine = diagnosis.machine
    let facts = machine.processors
    processor = Processor(
      name: facts.name, processors: facts.usable.count, cores: facts.cores,
      megahertz: facts.megahertz, governor: facts.governor,
      caches: machine.caches.map {
        Cache(level: $0.level, bytes: $0.byteCount, processors: $0.sharing)
      })
    memory = Memory(
      totalBytes: machine.memory.totalBytes, availableBytes: machine.memory.availableBytes,
      nodes: machine.memory.nodes, hugePages: machine.memory.hugePages?.rawValue,
      lockLimit: machine.memory.lockLimit)
    controlGroup = Group(
      quota: machine.group.quota, memoryLimit: machine.group.memoryLimit,
      periods: machine.group.throttling?.periods,
      throttledPeriods: machine.group.throttling?.throttled)
    threads = Threads(count: diagnosis.threads.count, reason: diagnosis.threads.reason)
    instructionSets = diagnosis.instructionSets.map(\.rawValue)
    kernels = diagnosis.kernels
    blas = Library(openBLAS: diagnosis.blas.configuration, core: diagnosis.blas.core)
    isOptimized = diagnosis.isOptimized
    measured = Measured(
      bytesPerSecond: diagnosis.bandwidth, multiplicationsPerSecond: diagnosis.multiplications,
      multipliedFormat: diagnosis.multipliedFormat, othersShare: diagnosis.othersShare,
      throttledShare: diagnosis.throttledShare)
    model = diagnosis.model.map(Model.init)
    advice = diagnosis.advice.map {
      Finding(id: $0.id, finding: $0.finding, action: $0.action, cost: $0.cost)
    }
    isHealthy = diagnosis.isHealthy
  }
}

extension Document {
  /// The model's part.
  struct Model: Encodable {
    struct Weights: Encodable {
      let name: String
      let format: String
      let matrices: Int
      let bytes: Int
      let hasKernel: Bool
    }
    struct Loading: Encodable {
      let header: Double
      let reading: Double
      let packing: Double
    }
    struct Speed: Encodable {
      let possible: Double
      let measured: Double

      init(_ speed: Diagnosis.Speed) {
        (possible, measured) = (speed.expected, speed.measured)
      }
    }

    let name: String
    let weights: [Weights]
    let weightBytes: Int
    let bytesPerToken: Int
    let cacheBytes: Int
    let cacheBytesPerToken: Int
    let hugePageBytes: Int?
    let loading: Loading
    let writing: Speed
    let reading: Speed

    init(_ model: ModelFacts) {
      name = model.name
      weights = model.weights.map {
        Weights(
          name: $0.name, format: $0.format, matrices: $0.count, bytes: $0.byteCount,
          hasKernel: $0.hasKernel)
      }
      weightBytes = model.weightBytes
      bytesPerToken = model.bytesPerToken
      cacheBytes = model.cacheBytes
      cacheBytesPerToken = model.cacheBytesPerPosition
      hugePageBytes = model.hugePageBytes
      loading = Loading(
        header: model.loading.header, reading: model.loading.reading,
        packing: model.loading.packing)
      writing = Speed(model.writing)
      reading = Speed(model.reading)
    }
  }
}
