/// The processors that this process may run on.
package struct ProcessorFacts: Sendable, Hashable {
  /// What the maker calls them.
  package var name: String
  /// Their numbers, in order.
  package var usable: [Int]
  /// The cores that they belong to: fewer than processors where some share a core.
  package var cores: Int
  /// The highest clock among them just now, in megahertz, where the system tells.
  package var megahertz: Double?
  /// How the system chooses the clock, where it does.
  package var governor: String?
  /// The instructions that they name.
  package var flags: Set<String>

  /// The processors that some files describe.
  init(read: (String) -> String?) {
    let text = read("/proc/cpuinfo") ?? ""
    let fields = SystemFields(text)
    name = fields["model name"] ?? Self.partName(fields) ?? "unknown processor"
    flags = Set(
      (fields["flags"] ?? fields["Features"] ?? "").split(separator: " ").map(String.init))
    let allowed = read("/proc/self/status").flatMap { SystemFields($0)["Cpus_allowed_list"] }
    let usable = allowed.flatMap(ControlGroup.ranges)?.flatMap { Array($0) } ?? []
    self.usable = usable
    let siblings = usable.map { processor in
      read("\(Self.folder(processor))/topology/thread_siblings_list") ?? "\(processor)"
    }
    cores = Set(siblings).count
    megahertz = Self.clocks(text).max()
    governor = usable.first.flatMap { read("\(Self.folder($0))/cpufreq/scaling_governor") }
      .map { String(ControlGroup.trimmed($0)) }
  }

  /// Where the system describes a processor.
  static func folder(_ processor: Int) -> String { "/sys/devices/system/cpu/cpu\(processor)" }

  private static func clocks(_ text: String) -> [Double] {
    text.split(separator: "\n").filter { $0.hasPrefix("cpu MHz") }.compactMap { line in
      line.split(separator: ":").last.flatMap { Double(ControlGroup.trimmed(String($0))) }
    }
  }

  /// Arm's numbers, which stand where x86 has a name.
  private static func partName(_ fields: SystemFields) -> String? {
    guard let maker = fields["CPU implementer"], let part = fields["CPU part"] else { return nil }
    return "Arm implementer \(maker) part \(part)"
  }
}

/// One cache.
package struct CacheFacts: Sendable, Hashable {
  /// 1 for the nearest.
  package var level: Int
  /// Whether it holds instructions alone.
  package var isForInstructions: Bool
  /// The size.
  package var byteCount: Int
  /// The processors that share it.
  package var sharing: Int

  /// The caches of a processor that hold data, the nearest first.
  static func list(of processor: Int, read: (String) -> String?) -> [CacheFacts] {
    // More than any processor has.
    (0..<10).compactMap { index in
      CacheFacts(
        folder: "\(ProcessorFacts.folder(processor))/cache/index\(index)", read: read)
    }.filter { !$0.isForInstructions }.sorted { $0.level < $1.level }
  }

  private init?(folder: String, read: (String) -> String?) {
    func field(_ name: String) -> Substring? {
      read("\(folder)/\(name)").map(ControlGroup.trimmed)
    }
    guard let level = field("level").flatMap({ Int($0) }),
      let size = field("size").flatMap(Self.bytes)
    else { return nil }
    self.level = level
    byteCount = size
    isForInstructions = field("type") == "Instruction"
    sharing = field("shared_cpu_list").flatMap { ControlGroup.processors(list: String($0)) } ?? 1
  }

  /// The bytes of a size like `32K`.
  private static func bytes(_ size: Substring) -> Int? {
    let factors: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    guard let last = size.last, let factor = factors[last] else { return Int(size) }
    guard let count = Int(size.dropLast()) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
    return overflow ? nil : bytes
  }
}
