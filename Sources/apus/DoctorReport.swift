import Evaluation
import GPTModel
import Platform
import Tensor

/// A diagnosis as text or JSON.
enum DoctorReport {
  /// Writes a diagnosis down for people, without the last line's end.
  static func text(_ diagnosis: Diagnosis) -> String {
    var parts = [block("Machine", machine(diagnosis)), block("Measured", measured(diagnosis))]
    if let model = diagnosis.model {
      parts.append(block("Model \(model.name)", facts(model)))
      parts.append(weights(model, kernels: diagnosis.kernels))
      parts.append(speeds(model))
    }
    parts.append(advice(diagnosis))
    return parts.joined(separator: "\n\n")
  }

  /// A heading, and below it names with what they stand for.
  private static func block(_ title: String, _ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    let lines = rows.map { name, value in
      "  " + name + String(repeating: " ", count: width - name.count) + "  " + value
    }
    return ([title] + lines).joined(separator: "\n")
  }

  private static func machine(_ diagnosis: Diagnosis) -> [(String, String)] {
    let machine = diagnosis.machine
    let sets = diagnosis.instructionSets.map(\.rawValue).joined(separator: ", ")
    return [
      ("processor", processor(machine.processors)),
      ("caches", caches(machine.caches)),
      ("memory", memory(machine.memory)),
      ("huge pages", machine.memory.hugePages?.rawValue ?? "the system does not tell"),
      ("locked memory", machine.memory.lockLimit.map { "\(binary($0)) at most" } ?? "no limit"),
      ("control group", group(machine.group)),
      ("threads", "\(diagnosis.threads.count) (\(diagnosis.threads.reason))"),
      ("instructions", "\(sets) run and agree; in use: \(diagnosis.kernels)"),
      ("BLAS", blas(diagnosis.blas)),
    ]
  }

  private static func processor(_ facts: ProcessorFacts) -> String {
    let count = facts.usable.count
    var text = facts.name
    if count > 0 { text += ", \(count) processor\(count == 1 ? "" : "s")" }
    if facts.cores > 0 {
      text += facts.cores < count ? " on \(facts.cores) cores" : ", no two on one core"
    }
    if let megahertz = facts.megahertz { text += ", \(rounded(megahertz / 1000, 2)) GHz" }
    if let governor = facts.governor { text += ", \(governor)" }
    return text
  }

  private static func caches(_ caches: [CacheFacts]) -> String {
    guard !caches.isEmpty else { return "the system does not tell" }
    return caches.map { cache in
      "L\(cache.level) \(binary(cache.byteCount))"
        + (cache.sharing > 1 ? " for \(cache.sharing) processors" : "")
    }.joined(separator: ", ")
  }

  private static func memory(_ facts: MemoryFacts) -> String {
    guard let total = facts.totalBytes else { return "the system does not tell" }
    let free = facts.availableBytes.map { ", \(binary($0)) free" } ?? ""
    return binary(total) + free + (facts.nodes > 1 ? ", in \(facts.nodes) parts (NUMA)" : "")
  }

  private static func group(_ facts: GroupFacts) -> String {
    var parts = [
      facts.quota.map { "quota of \(rounded($0, 1)) processors" } ?? "no quota",
      facts.memoryLimit.map { "\(binary($0)) of memory at most" } ?? "no limit of memory",
    ]
    if facts.quota != nil, let throttling = facts.throttling {
      parts.append("stopped in \(throttling.throttled) of \(throttling.periods) periods so far")
    }
    return parts.joined(separator: ", ")
  }

  private static func blas(_ library: BLASLibrary) -> String {
    guard let configuration = library.configuration else { return "not OpenBLAS" }
    let version = configuration.split(separator: " ").prefix(2).joined(separator: " ")
    return version + (library.core.map { ", kernels for \($0)" } ?? "")
  }

  private static func measured(_ diagnosis: Diagnosis) -> [(String, String)] {
    var rows = [
      ("reading memory", "\(rounded(diagnosis.bandwidth / 1e9, 1)) GB/s, all threads together"),
      (
        "multiplying",
        "\(rounded(2 * diagnosis.multiplications / 1e12, 2)) TOPS"
          + ", \(diagnosis.multipliedFormat) by 15-bit activations"
      ),
    ]
    if let share = diagnosis.othersShare {
      rows.append(("other programs", "\(rounded(share * 100, 0)) % of the processors meanwhile"))
    }
    return rows
  }

  private static func facts(_ model: ModelFacts) -> [(String, String)] {
    let times = model.loading
    var rows = [
      (
        "weights",
        "\(bytes(model.weightBytes)), of which a token reads \(bytes(model.bytesPerToken))"
      ),
      (
        "cache",
        "\(bytes(model.cacheBytesPerPosition)) for a token; a server takes \(bytes(model.cacheBytes))"
      ),
      (
        "loaded in",
        "\(rounded(times.total, 2)) s: vocabulary \(rounded(times.header, 2)),"
          + " reading and hashing \(rounded(times.reading, 2)),"
          + " checking and repacking \(rounded(times.packing, 2))"
      ),
    ]
    if let huge = model.hugePageBytes { rows.append(("in huge pages", bytes(huge))) }
    return rows
  }

  private static func weights(_ model: ModelFacts, kernels: String) -> String {
    table(
      [["weights", "format", "matrices", "size", "multiplied by"]]
        + model.weights.map { group in
          [
            group.name, group.format, "\(group.count)", bytes(group.byteCount),
            group.hasKernel ? kernels : "BLAS",
          ]
        }, rightAligned: [2, 3])
  }

  private static func speeds(_ model: ModelFacts) -> String {
    let rows = [("writing an answer", model.writing), ("reading a prompt", model.reading)]
    return table(
      [["tokens/s", "possible", "measured", "share"]]
        + rows.map { name, speed in
          [
            name, rounded(speed.expected, 1), rounded(speed.measured, 1),
            "\(rounded(speed.share * 100, 0)) %",
          ]
        }, rightAligned: [1, 2, 3])
      + "\n  possible: what the memory's speed allows for an answer, and arithmetic's for a prompt"
  }

  private static func table(_ rows: [[String]], rightAligned: Set<Int>) -> String {
    let columns = rows.first?.indices ?? 0..<0
    let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = columns.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        if rightAligned.contains(column) { return space + row[column] }
        return column == columns.upperBound - 1 ? row[column] : row[column] + space
      }
      return "  " + cells.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  private static func advice(_ diagnosis: Diagnosis) -> String {
    let advice = diagnosis.advice
    let verdict =
      diagnosis.isHealthy
      ? "Healthy: nothing found costs more than a fifth of the speed."
      : "Not healthy: something costs more than a fifth of the speed."
    return ([verdict] + advice.map(line)).joined(separator: "\n")
  }

  private static func line(_ advice: Advice) -> String {
    let cost = advice.cost.map { " (costs about \(rounded($0 * 100, 0)) %)" } ?? ""
    return filled("\(advice.finding)\(cost)", after: "  \(advice.isSevere ? "✗" : "•") ") + "\n"
      + filled(advice.action, after: "    → ")
  }

  /// A text in lines of at most 96 characters, the first after a mark, the others below its text.
  private static func filled(_ text: String, after mark: String) -> String {
    var lines = [mark]
    var isFirstWord = true
    for word in text.split(separator: " ") {
      if !isFirstWord, lines[lines.count - 1].count + 1 + word.count > 96 {
        lines.append(String(repeating: " ", count: mark.count))
        isFirstWord = true
      }
      lines[lines.count - 1] += (isFirstWord ? "" : " ") + word
      isFirstWord = false
    }
    return lines.joined(separator: "\n")
  }

  /// Bytes in units of 1000, as speeds count them.
  private static func bytes(_ count: Int) -> String {
    unit(Double(count), 1000, ["bytes", "kB", "MB", "GB", "TB"])
  }

  /// Bytes in units of 1024, as sizes of memory are named.
  private static func binary(_ count: Int) -> String {
    unit(Double(count), 1024, ["bytes", "KiB", "MiB", "GiB", "TiB"])
  }

  private static func unit(_ count: Double, _ step: Double, _ names: [String]) -> String {
    var (value, place) = (count, 0)
    while value >= step, place < names.count - 1 {
      value /= step
      place += 1
    }
    return
      "\(rounded(value, place > 0 && value < 100 && value != value.rounded() ? 1 : 0)) \(names[place])"
  }
}
