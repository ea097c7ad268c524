import GPTModel
import ModelFiles
import TestSupport
import Testing

/// Sizes of states that nothing can be computed with.
@Suite("Faults in sizes of states")
struct RecurrenceFaultTests {
  /// A configuration with one wrong member.
  struct Fault: Sendable, CustomStringConvertible {
    let label: String
    let member: String
    let value: JSONText

    var description: String { "\(label): \(member)" }
  }

  private static let faults: [Fault] = {
    let faults: [(String, String, JSONText)] = [
      ("lfm2", "conv_L_cache", 1), ("lfm2", "conv_L_cache", 17),
      ("lfm2", "layer_types", ["conv", "dense"]), ("lfm2", "layer_types", ["conv"]),
      ("mamba2", "num_heads", 0), ("mamba2", "num_heads", 7), ("mamba2", "n_groups", 3),
      ("mamba2", "state_size", 1_000_000), ("mamba2", "expand", 65), ("mamba2", "conv_kernel", 0),
      ("mamba2", "hidden_act", "gelu"), ("mamba2", "time_step_limit", [1, 0.5]),
      ("mamba", "state_size", 0), ("mamba", "time_step_rank", -1),
      ("qwen35", "linear_num_key_heads", 3), ("qwen35", "linear_value_head_dim", 0),
      ("qwen35", "linear_conv_kernel_dim", 1), ("qwen35", "full_attention_interval", 0),
      ("nemotron_h", "hybrid_override_pattern", "M*"),
      ("nemotron_h", "hybrid_override_pattern", "M*X"),
      ("granitehybrid", "num_local_experts", -4), ("granitehybrid", "mamba_n_groups", 5),
    ]
    return faults.map { Fault(label: $0.0, member: $0.1, value: $0.2) }
  }()

  @Test("They are refused with an error that names a key", arguments: faults)
  func refused(fault: Fault) throws {
    var tiny = TinyModel()
    tiny.architecture = try #require(
      TinyArchitecture.recurrent.first { $0.label == fault.label })
    var folder = tiny.folder()
    folder.configuration[fault.member] = fault.value
    let configuration = try FolderSource(folder.folder()).configuration
    let error = #expect(throws: ModelError.self) {
      try Architectures.named(configuration).spec(configuration)
    }
    #expect(error?.description.contains("config.json") == true)
  }
}
