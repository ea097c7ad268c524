/// Reads what Linux control groups, version 1 or 2, allow a process.
package enum ControlGroup {
  /// A mounted hierarchy of groups, from `/proc/self/mountinfo`.
  package struct Mount: Hashable {
    /// The group that the mount shows at its top.
    let root: String
    /// Where it is mounted.
    let point: String
    /// The controllers of a version 1 hierarchy; nil for version 2.
    let controllers: [Substring]?
  }

  /// The limits of the process's groups and of those they are in.
  static func limits(read: (String) -> String?) -> [ThreadBudget] {
    guard let groups = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return []
    }
    return self.mounts(mounts).flatMap { mount in
      directories(of: mount, groups: groups).flatMap { directory in
        limits(directory: directory, isUnified: mount.controllers == nil, read: read)
      }
    }
  }

  /// The hierarchies of control groups among all mounts.
  package static func mounts(_ text: String) -> [Mount] {
    text.split(separator: "\n").compactMap { line in
      // 36 35 0:31 /root /point rw,noatime optional... - type source options
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, dash + 3 < fields.count else {
        return nil
      }
      let root = String(fields[3])
      let point = String(fields[4])
      switch fields[dash + 1] {
      case "cgroup2": return Mount(root: root, point: point, controllers: nil)
      case "cgroup":
        let options = fields[dash + 3].split(separator: ",")
        return Mount(root: root, point: point, controllers: options)
      default: return nil
      }
    }
  }

  /// The directories of the process's group in a mount and of the groups around it, outermost first.
  package static func directories(of mount: Mount, groups: String) -> [String] {
    guard let group = path(in: mount, groups: groups) else { return [] }
    var directory = mount.point
    var directories = [directory]
    for name in relative(group, to: mount.root).split(separator: "/") {
      directory += "/\(name)"
      directories.append(directory)
    }
    return directories
  }

  /// The processors that a quota pays for, rounded up; nil when there is no limit.
  package static func processors(quota: String, period: String) -> Int? {
    guard let quota = Int(trimmed(quota)), let period = Int(trimmed(period)), quota > 0, period > 0
    else { return nil }
    return (quota - 1) / period + 1
  }

  /// The number of processors in a list like `0-3,7`; nil when it is empty or no such list.
  package static func processors(list: String) -> Int? {
    ranges(list: list).map { ranges in ranges.reduce(0) { $0 + $1.count } }
  }

  /// The parts of a list like `0-3,7`; nil when it is empty or no such list.
  package static func ranges(list: String) -> [ClosedRange<Int>]? {
    var ranges: [ClosedRange<Int>] = []
    for part in trimmed(list).split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
        first >= 0, first <= last, last < 1 << 20
      else { return nil }
      ranges.append(first...last)
    }
    return ranges.isEmpty ? nil : ranges
  }

  /// A text without the white space around it.
  static func trimmed(_ text: String) -> Substring {
    let end = text.lastIndex { !$0.isWhitespace }
    return end.map { text[...$0].drop { $0.isWhitespace } } ?? ""
  }
}

extension ControlGroup {
  private static func limits(
    directory: String, isUnified: Bool, read: (String) -> String?
  ) -> [ThreadBudget] {
    var quota: Int?
    if isUnified {
      let fields = read("\(directory)/cpu.max")?.split(separator: " ").map(String.init) ?? []
      if fields.count == 2 { quota = processors(quota: fields[0], period: fields[1]) }
    } else if let total = read("\(directory)/cpu.cfs_quota_us"),
      let period = read("\(directory)/cpu.cfs_period_us")
    {
      quota = processors(quota: total, period: period)
    }
    let name = isUnified ? "cpuset.cpus.effective" : "cpuset.effective_cpus"
    let set = read("\(directory)/\(name)").flatMap { processors(list: $0) }
    return [
      quota.map { ThreadBudget(count: $0, reason: "processor quota of \(directory)") },
      set.map { ThreadBudget(count: $0, reason: "processor set of \(directory)") },
    ].compactMap { $0 }
  }

  /// The process's group in a hierarchy, from the lines `id:controllers:path`.
  private static func path(in mount: Mount, groups: String) -> String? {
    for line in groups.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let controllers = fields[1].split(separator: ",")
      let isOwn =
        mount.controllers.map { mounted in
          !controllers.isEmpty && controllers.allSatisfy { mounted.contains($0) }
        } ?? controllers.isEmpty
      if isOwn { return String(fields[2]) }
    }
    return nil
  }

  /// The part of a group's path below a mount's root; nothing when it lies elsewhere.
  private static func relative(_ path: String, to root: String) -> Substring {
    if root == "/" { return path.contains("/..") ? "" : path[...] }
    guard path == root || path.hasPrefix(root + "/") else { return "" }
    return path.dropFirst(root.count)
  }
}
