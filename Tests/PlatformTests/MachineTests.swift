import Testing

@testable import Platform

@Suite("What the system says of a machine")
struct MachineTests {
  /// Two cores of two processors each, one of which is not for this process.
  private static let files = [
    "/proc/cpuinfo": """
    processor\t: 0
    model name\t: Example CPU @ 2.00GHz
    cpu MHz\t\t: 1996.250
    flags\t\t: fpu avx2 avx512f

    processor\t: 1
    model name\t: Example CPU @ 2.00GHz
    cpu MHz\t\t: 2996.125
    """,
    "/proc/self/status": "Name:\tapus\nCpus_allowed:\t7\nCpus_allowed_list:\t0-2\n",
    "/sys/devices/system/cpu/cpu0/topology/thread_siblings_list": "0-1\n",
    "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list": "0-1\n",
    "/sys/devices/system/cpu/cpu2/topology/thread_siblings_list": "2-3\n",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
    "/sys/devices/system/cpu/cpu0/cache/index0/level": "1\n",
    "/sys/devices/system/cpu/cpu0/cache/index0/type": "Instruction\n",
    "/sys/devices/system/cpu/cpu0/cache/index0/size": "32K\n",
    "/sys/devices/system/cpu/cpu0/cache/index1/level": "3\n",
    "/sys/devices/system/cpu/cpu0/cache/index1/type": "Unified\n",
    "/sys/devices/system/cpu/cpu0/cache/index1/size": "32M\n",
    "/sys/devices/system/cpu/cpu0/cache/index1/shared_cpu_list": "0-3\n",
    "/sys/devices/system/cpu/cpu0/cache/index2/level": "1\n",
    "/sys/devices/system/cpu/cpu0/cache/index2/type": "Data\n",
    "/sys/devices/system/cpu/cpu0/cache/index2/size": "48K\n",
    "/sys/devices/system/cpu/cpu0/cache/index2/shared_cpu_list": "0-1\n",
    "/proc/meminfo": "MemTotal:       24684096 kB\nMemFree: 1 kB\nMemAvailable:    23875076 kB\n",
    "/sys/devices/system/node/has_memory": "0-1\n",
    "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "/proc/self/limits": """
    Limit                     Soft Limit           Hard Limit           Units
    Max processes             96365                96365                processes
    Max locked memory         8388608              unlimited            bytes
    """,
  ]

  @Test("Names, cores, clock and instructions are found")
  func processors() {
    let facts = Machine { Self.files[$0] }.processors
    #expect(facts.name == "Example CPU @ 2.00GHz")
    #expect(facts.usable == [0, 1, 2] && facts.cores == 2)
    #expect(facts.megahertz == 2996.125 && facts.governor == "powersave")
    #expect(facts.flags == ["fpu", "avx2", "avx512f"])
  }

  @Test("Arm's processors, which have numbers for names, are named by these")
  func arm() {
    let files = ["/proc/cpuinfo": "CPU implementer\t: 0x41\nCPU part\t: 0xd40\nFeatures\t: asimd\n"]
    let facts = Machine { files[$0] }.processors
    #expect(facts.name == "Arm implementer 0x41 part 0xd40" && facts.flags == ["asimd"])
  }

  @Test("Caches for data come in order, with who shares them")
  func caches() {
    let caches = Machine { Self.files[$0] }.caches
    #expect(caches.map(\.level) == [1, 3])
    #expect(caches.map(\.byteCount) == [48 << 10, 32 << 20])
    #expect(caches.map(\.sharing) == [2, 4])
  }

  @Test("Memory, its parts, huge pages and the limit of locking are found")
  func memory() {
    let facts = Machine { Self.files[$0] }.memory
    #expect(facts.totalBytes == 24_684_096 << 10 && facts.availableBytes == 23_875_076 << 10)
    #expect(facts.nodes == 2 && facts.hugePages == .madvise && facts.lockLimit == 8_388_608)
    let rollup = ["/proc/self/smaps_rollup": "1-2 ---p [rollup]\nAnonHugePages:   2048 kB\n"]
    #expect(MemoryFacts.hugePageBytesOfThisProcess { rollup[$0] } == 2 << 20)
  }

  @Test("A system that tells nothing, or nonsense, is described as far as it goes")
  func silence() {
    let machine = Machine { _ in nil }
    #expect(machine.processors.name == "unknown processor" && machine.processors.usable.isEmpty)
    #expect(machine.caches.isEmpty && machine.group == GroupFacts { _ in nil })
    #expect(machine.memory.totalBytes == nil && machine.memory.nodes == 1)
    #expect(machine.memory.hugePages == nil && machine.memory.lockLimit == nil)
    let nonsense = Machine { _ in ":\n: :\n[\n9999999999999999999K\n-\n" }
    #expect(nonsense.caches.isEmpty && nonsense.memory.totalBytes == nil)
    var files = Self.files
    files["/proc/self/limits"] = "Max locked memory unlimited unlimited bytes"
    files["/sys/devices/system/cpu/cpu0/cache/index1/size"] = "99999999999999G"
    #expect(Machine { files[$0] }.memory.lockLimit == nil)
    #expect(Machine { files[$0] }.caches.map(\.level) == [1])
  }

  @Test("This very machine has processors, and memory where the system tells")
  func thisMachine() {
    let machine = Machine.current()
    #if os(Linux)
      #expect(machine.processors.usable.count >= 1 && machine.processors.cores >= 1)
      #expect((machine.memory.totalBytes ?? 0) > 1 << 20)
      #expect(ProcessorTime.now() != nil)
    #endif
  }
}

@Suite("What control groups allow")
struct GroupFactsTests {
  @Test("Of version 2: the least quota and limit of all groups, and the process's own throttling")
  func unified() {
    let files = [
      "/proc/self/cgroup": "0::/service/apus\n",
      "/proc/self/mountinfo": "29 22 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/service/cpu.max": "150000 100000\n",
      "/sys/fs/cgroup/service/apus/cpu.max": "max 100000\n",
      "/sys/fs/cgroup/service/memory.max": "max\n",
      "/sys/fs/cgroup/service/apus/memory.max": "1073741824\n",
      "/sys/fs/cgroup/service/cpu.stat": "nr_periods 1\nnr_throttled 1\n",
      "/sys/fs/cgroup/service/apus/cpu.stat": "usage_usec 5\nnr_periods 80\nnr_throttled 20\n",
    ]
    let facts = GroupFacts { files[$0] }
    #expect(facts.quota == 1.5 && facts.memoryLimit == 1 << 30)
    for (total, usable) in [("2097152", 1 << 30), ("524288", 1 << 29)] {
      let machine = Machine { $0 == "/proc/meminfo" ? "MemTotal: \(total) kB\n" : files[$0] }
      #expect(machine.usableBytes == usable)
    }
    #expect(facts.throttling == GroupFacts.Throttling(periods: 80, throttled: 20))
    var before = facts
    before.throttling = GroupFacts.Throttling(periods: 40, throttled: 10)
    #expect(facts.throttledShare(since: before) == 0.25)
    #expect(facts.throttledShare(since: facts) == 0)
  }

  @Test("Of version 1: a quota in two files, and no limit where the number is beyond all memory")
  func legacy() {
    let files = [
      "/proc/self/cgroup": "4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n0::/\n",
      "/proc/self/mountinfo": """
      40 30 0:35 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
      41 30 0:36 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
      """,
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu,cpuacct/cpu.stat": "nr_periods 7\nnr_throttled 0\nthrottled_time 0\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ]
    let facts = GroupFacts { files[$0] }
    #expect(facts.quota == 0.5 && facts.memoryLimit == nil && facts.throttling?.periods == 7)
    #expect(GroupFacts { files[$0.replacingQuota] }.quota == nil)
  }

  @Test("The time of other programs and guests is told from this process's own")
  func time() throws {
    func time(_ stat: String, own: String) -> ProcessorTime? {
      let files = ["/proc/stat": "cpu  \(stat)\ncpu0 0 0 0 0\n", "/proc/self/stat": own]
      return ProcessorTime { files[$0] }
    }
    // A name may hold anything, even what ends one.
    let before = "7 (a) b) R 1 1 1 0 -1 0 0 0 0 0 10 5 0 0 20 0"
    let after = "7 (a) b) R 1 1 1 0 -1 0 0 0 0 0 40 15 0 0 20 0"
    let start = try #require(time("100 0 20 500 10 1 1 8 0 0", own: before))
    let end = try #require(time("140 5 30 535 10 1 1 18 0 0", own: after))
    #expect(start.own == 15 && start.busy == 122 && start.stolen == 8)
    // 100 ticks passed, 55 for programs and 10 stolen; 40 were this process's.
    #expect(abs(end.share(ofOthersSince: start) - 0.25) < 1e-12)
    #expect(start.share(ofOthersSince: start) == 0)
    #expect(time("1 2 3", own: before) == nil && time("1 1 1 1 1 1 1 1", own: "7 (x") == nil)
  }
}

extension String {
  /// The same file, but for the one that holds the quota.
  fileprivate var replacingQuota: String { hasSuffix("cfs_quota_us") ? "none" : self }
}
