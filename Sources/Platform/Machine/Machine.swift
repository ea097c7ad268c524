/// What the operating system says about the machine, and of what it allows this process.
///
/// All of it comes from small text files, so that tests can describe other machines.
package struct Machine: Sendable, Hashable {
  /// The processors.
  package var processors: ProcessorFacts
  /// The caches of one processor, the nearest first.
  package var caches: [CacheFacts]
  /// Main memory.
  package var memory: MemoryFacts
  /// The limits of the process's control groups.
  package var group: GroupFacts

  /// Bytes of memory that this process may use: the machine's, or the limit of its control groups where
  /// that is less; nil where the system does not tell.
  package var usableBytes: Int? {
    [memory.totalBytes, group.memoryLimit].compactMap { $0 }.min()
  }

  /// This machine.
  package static func current() -> Machine { Machine(read: SystemFile.read) }

  /// The machine that some files describe; `read` gives a file's content, or nil where there is none.
  package init(read: (String) -> String?) {
    processors = ProcessorFacts(read: read)
    caches = CacheFacts.list(of: processors.usable.first ?? 0, read: read)
    memory = MemoryFacts(read: read)
    group = GroupFacts(read: read)
  }
}

/// Lines of the form `name: value`, as many files below `/proc` have them.
struct SystemFields {
  private var values: [Substring: Substring] = [:]

  /// Takes the first value of each name.
  init(_ text: String) {
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let name = ControlGroup.trimmed(String(line[..<colon]))
      if values[name] == nil {
        values[name] = ControlGroup.trimmed(String(line[line.index(after: colon)...]))
      }
    }
  }

  /// The value of a name; nil where it is empty or missing.
  subscript(name: String) -> String? {
    values[name[...]].flatMap { $0.isEmpty ? nil : String($0) }
  }

  /// The first word of a value as a number.
  func number(_ name: String) -> Int? {
    self[name]?.split(separator: " ").first.flatMap { Int($0) }
  }
}
