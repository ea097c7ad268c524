/// Main memory, and how the system hands it out.
package struct MemoryFacts: Sendable, Hashable {
  /// When the system gives pages of 2 MiB of its own accord.
  package enum HugePages: String, Sendable {
    /// Wherever they fit.
    case always
    /// Where a program asks for them, as this one does.
    case madvise
    /// Not at all.
    case never
  }

  /// Bytes there are.
  package var totalBytes: Int?
  /// Bytes that could be had without swapping.
  package var availableBytes: Int?
  /// Parts of memory that are near to some processors and far from others.
  package var nodes: Int
  /// What the system does about huge pages; nil where it does not tell.
  package var hugePages: HugePages?
  /// Bytes that this process may lock in memory; nil for any number.
  package var lockLimit: Int?

  /// The memory that some files describe.
  init(read: (String) -> String?) {
    let fields = SystemFields(read("/proc/meminfo") ?? "")
    totalBytes = fields.number("MemTotal").map { $0 << 10 }
    availableBytes = fields.number("MemAvailable").map { $0 << 10 }
    nodes =
      read("/sys/devices/system/node/has_memory").flatMap { ControlGroup.processors(list: $0) }
      ?? 1
    hugePages = read("/sys/kernel/mm/transparent_hugepage/enabled").flatMap(Self.chosen)
    lockLimit = read("/proc/self/limits").flatMap(Self.lockLimit)
  }

  /// Bytes of this process that lie in huge pages just now; nil where the system does not tell.
  package static func hugePageBytesOfThisProcess(
    read: (String) -> String? = SystemFile.read
  ) -> Int? {
    read("/proc/self/smaps_rollup").flatMap { SystemFields($0).number("AnonHugePages") }
      .map { $0 << 10 }
  }

  /// The choice in brackets, as in `always [madvise] never`.
  private static func chosen(_ text: String) -> HugePages? {
    text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("[") }
      .flatMap { HugePages(rawValue: String($0.dropFirst().dropLast())) }
  }

  /// The soft limit in the line `Max locked memory  soft  hard  bytes`.
  private static func lockLimit(_ text: String) -> Int? {
    let name = "Max locked memory"
    return text.split(separator: "\n").first { $0.hasPrefix(name) }
      .flatMap { $0.dropFirst(name.count).split(separator: " ").first }.flatMap { Int($0) }
  }
}
