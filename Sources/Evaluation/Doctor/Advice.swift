import GPTModel
import Tensor

/// Something that makes a machine slower than it could be, and what to do about it.
package struct Advice: Sendable, Hashable {
  /// A short name, for scripts.
  package let id: String
  /// What was found, and why it matters.
  package let finding: String
  /// What to do.
  package let action: String
  /// The share of speed that it costs; nil where that is not known.
  package let cost: Double?

  /// Beyond this share something should be done.
  package static let severeCost = 0.2

  /// Whether it costs so much that something should be done.
  package var isSevere: Bool { (cost ?? 0) > Self.severeCost }
}

extension Diagnosis {
  /// All advice, the costliest first.
  package var advice: [Advice] {
    let found =
      buildAdvice + instructionAdvice + quotaAdvice + coreAdvice + memoryAdvice + pageAdvice
      + blasAdvice + otherProgramAdvice + clockAdvice
    let explained = found.contains(where: \.isSevere)
    return (found + (explained ? [] : speedAdvice)).sorted { ($0.cost ?? 0) > ($1.cost ?? 0) }
  }

  /// Whether nothing costs much.
  package var isHealthy: Bool { !advice.contains(where: \.isSevere) }

  private var buildAdvice: [Advice] {
    if isOptimized { return [] }
    return [
      Advice(
        id: "debug-build", finding: "This program was built for debugging, not for speed.",
        action: "Build it with `make build`.", cost: 0.5)
    ]
  }

  private var instructionAdvice: [Advice] {
    if let best = instructionSets.last, best != instructionSet {
      return [
        Advice(
          id: "instructions",
          finding:
            "\(instructionSet.rawValue) kernels are in use, though \(best.rawValue) ones run here.",
          action: "Leave --cpu \(instructionSet.rawValue) out.",
          cost: instructionSet == .scalar ? 0.9 : 0.4)
      ]
    }
    let flags = machine.processors.flags
    let hasAVX512 = flags.isSuperset(of: ["avx512f", "avx512bw", "avx512vl", "avx512_vnni"])
    if instructionSet != .avx512, hasAVX512 {
      return [
        Advice(
          id: "instructions",
          finding:
            "The processor names AVX-512 with VNNI, but the kernels for it failed their probe.",
          action: "Report this, with the output of `apus doctor --json`.", cost: 0.4)
      ]
    }
    guard instructionSet == .scalar else { return [] }
    return [
      Advice(
        id: "instructions",
        finding: "No vector kernels run on this processor; plain ones are slow.",
        action: "Use a processor with AVX2; in a virtual machine, pass the host's processor on.",
        cost: 0.9)
    ]
  }

  private var quotaAdvice: [Advice] {
    if let share = throttledShare, share > 0.02 {
      return [
        Advice(
          id: "throttled",
          finding: "The quota of \(number(machine.group.quota)) processors ran out in"
            + " \(percent(share)) of its periods: all \(threads.count) threads stood still then.",
          action: "Raise the quota to \(threads.count) processors, or use --threads"
            + " \(max(1, Int(machine.group.quota ?? 1))).",
          cost: share / 2)
      ]
    }
    guard let quota = machine.group.quota, Double(threads.count) > quota else { return [] }
    return [
      Advice(
        id: "quota",
        finding:
          "The quota pays for \(number(quota)) processors, which \(threads.count) threads share.",
        action: "Make it a whole number of processors.",
        cost: 1 - quota / Double(threads.count))
    ]
  }

  private var coreAdvice: [Advice] {
    let processors = machine.processors
    if threads.count > processors.cores, processors.cores > 0 {
      return [
        Advice(
          id: "shared-cores",
          finding:
            "\(threads.count) threads run on \(processors.cores) cores: those on one core share"
            + " its arithmetic, and each step waits for the slowest.",
          action: "Compare with --threads \(processors.cores).", cost: nil)
      ]
    }
    guard machine.memory.nodes > 1 else { return [] }
    return [
      Advice(
        id: "nodes",
        finding: "Memory is split into \(machine.memory.nodes) parts, each near to some processors;"
          + " weights lie where they were loaded.",
        action:
          "Start one server for each with `numactl --cpunodebind=N --membind=N`, or one for all"
          + " with `numactl --interleave=all`.", cost: nil)
    ]
  }

  private var memoryAdvice: [Advice] {
    guard let model, let total = machine.memory.totalBytes else { return [] }
    let limit = min(total, machine.group.memoryLimit ?? total)
    let needed = model.weightBytes + model.cacheBytes
    guard needed > limit else { return [] }
    let left = ((limit - model.weightBytes) / 2) >> 20
    return [
      Advice(
        id: "memory",
        finding: "Weights and a full cache take \(needed >> 20) MiB, and this process may have"
          + " \(limit >> 20): the system would swap, or end it.",
        action: left > 0
          ? "Use --cache-mib \(left) with `apus serve`." : "Use a smaller model, or give it more.",
        cost: 1)
    ]
  }
}

extension Diagnosis {
  private var pageAdvice: [Advice] {
    if machine.memory.hugePages == .never {
      return [
        Advice(
          id: "huge-pages",
          finding: "The system gives no huge pages: reading weights, the processor"
            + " spends time on looking up where each 4 KiB lie.",
          action: "As root: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled", cost: 0.1)
      ]
    }
    guard let model, let bytes = model.hugePageBytes, machine.memory.hugePages != nil,
      bytes < model.weightBytes / 2
    else { return [] }
    return [
      Advice(
        id: "huge-pages",
        finding:
          "Only \(percent(Double(bytes) / Double(max(1, model.weightBytes)))) of the weights lie"
          + " in huge pages: free memory is in small pieces.",
        action: "As root: echo 1 > /proc/sys/vm/compact_memory, then start anew.", cost: 0.1)
    ]
  }

  private var blasAdvice: [Advice] {
    guard let model, model.weightBytes > 0 else { return [] }
    let bytes = model.weights.filter { !$0.hasKernel }.reduce(0) { $0 + $1.byteCount }
    let share = Double(bytes) / Double(model.weightBytes)
    guard share > 0 else { return [] }
    if blas.configuration == nil {
      return [
        Advice(
          id: "blas",
          finding: "\(percent(share)) of the weights are floats, which a plain BLAS multiplies.",
          action: "Install OpenBLAS: apt install libopenblas0-pthread", cost: 0.8 * share)
      ]
    }
    let old = ["Prescott", "Nehalem", "Sandybridge", "Haswell"]
    guard let core = blas.core, old.contains(core), machine.processors.flags.contains("avx512f")
    else { return [] }
    return [
      Advice(
        id: "blas",
        finding:
          "\(percent(share)) of the weights are floats, which OpenBLAS multiplies with kernels for"
          + " \(core), though the processor has AVX-512.",
        action: "Set OPENBLAS_CORETYPE=SKYLAKEX.", cost: 0.4 * share)
    ]
  }

  private var otherProgramAdvice: [Advice] {
    guard let share = othersShare, share > 0.1 else { return [] }
    return [
      Advice(
        id: "other-programs",
        finding: "Other programs, or other guests of the machine, had \(percent(share)) of the"
          + " processors while this was measured; what is measured is too low.",
        action: "Measure again while they rest, or give them processors of their own.",
        cost: threads.count < machine.processors.usable.count ? nil : share)
    ]
  }

  private var clockAdvice: [Advice] {
    guard machine.processors.governor == "powersave" else { return [] }
    return [
      Advice(
        id: "clock", finding: "The system keeps the processors' clock low to save power.",
        action: "As root: cpupower frequency-set -g performance", cost: nil)
    ]
  }

  /// The share of its limits that a sound machine reaches at least.
  static let usualShare = 0.4

  /// For what nothing else explains.
  private var speedAdvice: [Advice] {
    guard let model else { return [] }
    return [("Writing", model.writing), ("Reading a prompt", model.reading)].compactMap {
      work, speed in
      guard speed.share < Self.usualShare else { return nil }
      return Advice(
        id: "speed",
        finding:
          "\(work) reaches \(percent(speed.share)) of what memory and arithmetic allow; other"
          + " machines reach \(percent(Self.usualShare)) and more, and nothing found explains it.",
        action: "Measure again; if it stays, report it with the output of `apus doctor --json`.",
        cost: 1 - speed.share / Self.usualShare)
    }
  }

  private func percent(_ share: Double) -> String {
    "\(Int(exactly: (share * 100).rounded()) ?? 0) %"
  }

  private func number(_ value: Double?) -> String {
    let tenths = Int(exactly: ((value ?? 0) * 10).rounded()) ?? 0
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}
