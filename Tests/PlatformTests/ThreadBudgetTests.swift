import Synchronization
import Testing

@testable import Platform

@Suite("The number of threads")
struct ThreadBudgetTests {
  private static let unified = "29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw"

  private func budget(_ files: [String: String], affinity: Int = 8) -> ThreadBudget {
    ThreadBudget.least(affinity: affinity) { files[$0] }
  }

  @Test("Without control groups the affinity mask counts")
  func mask() {
    #expect(budget([:]) == ThreadBudget(count: 8, reason: "affinity mask of 8"))
    #expect(budget([:], affinity: 0).count == 1)
  }

  @Test("A quota of version 2 counts, rounded up, that of an outer group too")
  func unified() {
    var files = [
      "/proc/self/cgroup": "0::/service/apus\n",
      "/proc/self/mountinfo": Self.unified + "\n",
      "/sys/fs/cgroup/service/apus/cpu.max": "250000 100000\n",
    ]
    #expect(
      budget(files)
        == ThreadBudget(count: 3, reason: "processor quota of /sys/fs/cgroup/service/apus"))
    files["/sys/fs/cgroup/service/cpu.max"] = "100000 100000"
    #expect(budget(files).count == 1)
    #expect(budget(files).reason == "processor quota of /sys/fs/cgroup/service")
    files["/sys/fs/cgroup/service/cpu.max"] = "max 100000"
    #expect(budget(files).count == 3)
  }

  @Test("A quota and a processor set of version 1 count, also in a container's own view")
  func legacy() {
    let files = [
      "/proc/self/cgroup": "4:cpu,cpuacct:/docker/abc\n3:cpuset:/docker/abc\n0::/\n",
      "/proc/self/mountinfo": """
      40 30 0:35 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
      41 30 0:36 /docker/abc /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset
      """,
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpuset/cpuset.effective_cpus": "0-2,5\n",
    ]
    #expect(
      budget(files) == ThreadBudget(count: 4, reason: "processor set of /sys/fs/cgroup/cpuset"))
    var limited = files
    limited["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us"] = "150000\n"
    #expect(budget(limited).count == 2)
  }

  @Test(
    "Quotas are rounded up; none, and nonsense, are no limit",
    arguments: [
      ("100000", "100000", 1), ("100001", "100000", 2), ("1", "100000", 1),
      ("max", "100000", nil), ("-1", "100000", nil), ("5", "0", nil), ("", "", nil),
      ("9223372036854775807", "1", 9_223_372_036_854_775_807), ("99999999999999999999", "1", nil),
    ] as [(String, String, Int?)])
  func quotas(quota: String, period: String, expected: Int?) {
    #expect(ControlGroup.processors(quota: quota, period: period) == expected)
  }

  @Test(
    "Lists of processors are counted; what is no list is no limit",
    arguments: [
      ("0", 1), ("0-3", 4), ("0-3,7\n", 5), ("0,2,4-5", 4), ("", nil), ("\n", nil), ("3-1", nil),
      ("-1", nil), ("a", nil), ("0-", nil), ("0-1-2", nil), ("0,,1", nil),
      ("0-99999999999999999999", nil), ("0-9223372036854775807", nil),
    ] as [(String, Int?)])
  func lists(list: String, expected: Int?) {
    #expect(ControlGroup.processors(list: list) == expected)
  }

  @Test("Lines that are no mounts of control groups are passed over")
  func mounts() {
    let text = "1 2 0:1 / /proc rw - proc proc rw\n-\n\nx - cgroup2\n" + Self.unified
    let mounts = ControlGroup.mounts(text)
    #expect(mounts.map(\.point) == ["/sys/fs/cgroup"])
    #expect(ControlGroup.directories(of: mounts[0], groups: "0::/../../a\n") == ["/sys/fs/cgroup"])
    #expect(ControlGroup.directories(of: mounts[0], groups: "nonsense") == [])
  }

  @Test(
    "A thread that must stay on one processor is granted one",
    .enabled(if: ThreadBudget.affinityCount > 0))
  func here() throws {
    let result = Mutex<ThreadBudget?>(nil)
    let thread = DedicatedThread(name: "apus-test", processor: 0) {
      let budget = ThreadBudget.measured()
      result.withLock { $0 = budget }
    }
    try #require(thread).join()
    #expect(result.withLock { $0 }?.count == 1)
    #expect(ThreadBudget.measured().count <= ThreadBudget.affinityCount)
  }
}
