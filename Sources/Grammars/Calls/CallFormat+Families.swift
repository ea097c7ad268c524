extension CallFormat {
  /// The formats that are known by name.
  package static let families: [CallFormat] = [
    hermes, qwenCoder, llamaJSON, pythonic, mistralList, mistralNamed, phi4, granite3, nemotron2,
    apriel, miniMax1, commandR, deepSeek3, deepSeek31, deepSeek32, deepSeek4, glm45, glm47, gemma4,
    harmony,
    functionary31, functionary32, lfm2, kimi, miniMax2, seed, apertus,
    gigaChat,
  ]

  /// Hermes 2 and 3, Qwen 2.5 and 3, Granite 4, SmolLM3; and what models without a format are told.
  /// Small ones leave the marks out.
  package static let hermes = CallFormat("hermes") {
    $0.thinking = .lines
    $0.begins = ["<tool_call>\n", ""]
    $0.end = "\n</tool_call>"
    $0.blockSeparator = "\n"
  }

  /// Qwen3-Coder, Qwen3.5, Nemotron 3, Step 3.5.
  package static let qwenCoder = CallFormat("qwen3-coder") {
    $0.thinking = .lines
    $0.begins = ["<tool_call>\n"]
    $0.callBegin = "<function="
    var tags = TaggedCall(
      nameEnd: ">\n", keyBegin: "<parameter=", keyEnd: ">\n", valueEnd: "\n</parameter>\n")
    tags.hasLines = true
    $0.body = .tagged(tags)
    $0.callEnd = "</function>"
    $0.end = "\n</tool_call>"
    $0.blockSeparator = "\n"
  }

  /// Llama 3.1 to 3.3.
  package static let llamaJSON = CallFormat("llama3-json") {
    $0.begins = ["", "<|python_tag|>"]
    $0.body = .object(CallFields(arguments: "parameters"))
    $0.method = ".call"
    $0.separator = "; "
    $0.isSingle = false
  }

  /// Llama 3.2 and 4, and Gemma 3, where a prompt asks for it.
  package static let pythonic = CallFormat("llama-pythonic") {
    $0.begins = [""]
    $0.isList = true
    $0.body = .python
    $0.separator = ", "
    $0.isSingle = false
  }

  /// Mistral 7B v0.3 and Nemo.
  package static let mistralList = CallFormat("mistral-v3") {
    $0.list("[TOOL_CALLS]", "")
    $0.body = .object(CallFields(id: "id"))
  }

  /// Mistral Small 3.2, Devstral, Ministral 3, Magistral.
  package static let mistralNamed = CallFormat("mistral-v13") {
    $0.thinking = Thinking(open: "[THINK]", close: "[/THINK]")
    $0.begins = ["[TOOL_CALLS]"]
    $0.body = .named(NamedCall(argumentsMark: "[ARGS]", idMark: "[CALL_ID]"))
  }

  /// Phi-4-mini.
  package static let phi4 = CallFormat("phi4-mini") { $0.list("<|tool_call|>", "<|/tool_call|>") }

  /// Granite 3.
  package static let granite3 = CallFormat("granite3") {
    $0.thinking = Thinking(open: "<think>", close: "</think>\n\n")
    $0.list("<|tool_call|>", "")
  }

  /// Nemotron Nano v2.
  package static let nemotron2 = CallFormat("nemotron-v2") {
    $0.thinking = .lines
    $0.list("<TOOLCALL>", "</TOOLCALL>")
  }

  /// Apriel.
  package static let apriel = CallFormat("apriel") {
    $0.list("<tool_calls>", "</tool_calls>")
    $0.body = .object(CallFields(id: "id"))
  }

  /// MiniMax M1.
  package static let miniMax1 = CallFormat("minimax-m1") {
    $0.thinking = .lines
    $0.begins = ["<tool_calls>\n"]
    $0.separator = "\n"
    $0.end = "\n</tool_calls>"
    $0.isSingle = false
  }

  /// Command R7B and Command A.
  package static let commandR = CallFormat("command-r7b") {
    $0.thinking = Thinking(open: "<|START_THINKING|>", close: "<|END_THINKING|>")
    $0.textMarks = ["<|START_RESPONSE|>", "<|END_RESPONSE|>"]
    $0.list("<|START_ACTION|>", "<|END_ACTION|>")
    $0.listEnd = "\n]"
    $0.callBegin = "\n    "
    $0.separator = ","
    $0.body = .object(
      CallFields(name: "tool_name", arguments: "parameters", number: "tool_call_id"))
  }

  /// DeepSeek V3 and R1.
  package static let deepSeek3 = CallFormat("deepseek-v3") {
    $0.thinking = .lines
    $0.begins = ["<｜tool▁calls▁begin｜>"]
    $0.callBegin = "<｜tool▁call▁begin｜>function<｜tool▁sep｜>"
    $0.body = .named(NamedCall(argumentsMark: "\n```json\n"))
    $0.callEnd = "\n```<｜tool▁call▁end｜>"
    $0.separator = "\n"
    $0.end = "<｜tool▁calls▁end｜>"
    $0.isSingle = false
  }

  /// DeepSeek V3.1.
  package static let deepSeek31 = CallFormat("deepseek-v3.1") {
    $0.thinking = Thinking(open: "<think>", close: "</think>")
    $0.begins = ["<｜tool▁calls▁begin｜>"]
    $0.callBegin = "<｜tool▁call▁begin｜>"
    $0.body = .named(NamedCall(argumentsMark: "<｜tool▁sep｜>"))
    $0.callEnd = "<｜tool▁call▁end｜>"
    $0.end = "<｜tool▁calls▁end｜>"
    $0.isSingle = false
  }

  /// DeepSeek V3.2.
  package static let deepSeek32 = deepSeek("deepseek-v3.2", block: "｜DSML｜function_calls")

  /// DeepSeek V4.
  package static let deepSeek4 = deepSeek("deepseek-v4", block: "｜DSML｜tool_calls")

  private static func deepSeek(_ name: String, block: String) -> CallFormat {
    CallFormat(name) {
      $0.thinking = Thinking(open: "<think>", close: "</think>")
      $0.begins = ["<\(block)>\n"]
      $0.callBegin = "<｜DSML｜invoke name=\""
      var tags = TaggedCall(
        nameEnd: "\">\n", keyBegin: "<｜DSML｜parameter name=\"", keyEnd: "\">",
        valueEnd: "</｜DSML｜parameter>\n")
      tags.typedKeyEnds = ["\" string=\"true\">", "\" string=\"false\">"]
      $0.body = .tagged(tags)
      $0.callEnd = "</｜DSML｜invoke>\n"
      $0.end = "</\(block)>"
      $0.isSingle = false
    }
  }

  /// GLM-4.5 and 4.6.
  package static let glm45 = glm("glm-4.6", lineBreak: "\n")

  /// GLM-4.7.
  package static let glm47 = glm("glm-4.7", lineBreak: "")

  private static func glm(_ name: String, lineBreak: String) -> CallFormat {
    CallFormat(name) {
      $0.thinking = Thinking(open: "<think>", close: "</think>" + lineBreak)
      $0.begins = ["<tool_call>"]
      $0.body = .tagged(
        TaggedCall(
          nameEnd: lineBreak, keyBegin: "<arg_key>", keyEnd: "</arg_key>\(lineBreak)<arg_value>",
          valueEnd: "</arg_value>" + lineBreak))
      $0.end = "</tool_call>"
      $0.blockSeparator = lineBreak
    }
  }

  /// Gemma 4.
  package static let gemma4 = CallFormat("gemma4") {
    $0.thinking = Thinking(open: "<|channel>thought\n", close: "<channel|>")
    $0.begins = ["<|tool_call>"]
    $0.callBegin = "call:"
    $0.body = .braces(quote: "<|\"|>")
    $0.end = "<tool_call|>"
  }

  /// gpt-oss.
  package static let harmony = CallFormat("harmony") {
    $0.layout = .channels
    $0.thinking = Thinking(
      open: "<|channel|>analysis<|message|>", close: "<|end|><|start|>assistant")
  }

  /// Functionary 3.1.
  package static let functionary31 = CallFormat("functionary-v3.1") {
    $0.begins = ["<function="]
    $0.body = .named(NamedCall(argumentsMark: ">"))
    $0.end = "</function>"
  }

  /// Functionary 3.2.
  package static let functionary32 = CallFormat("functionary-v3.2") {
    $0.layout = .recipients
  }

  /// LFM2 and LFM2.5.
  package static let lfm2 = CallFormat("lfm2") {
    $0.list("<|tool_call_start|>", "<|tool_call_end|>")
    $0.body = .python
  }

  /// Kimi K2.
  package static let kimi = CallFormat("kimi-k2") {
    $0.thinking = Thinking(open: "<think>", close: "</think>")
    $0.begins = ["<|tool_calls_section_begin|>"]
    $0.callBegin = "<|tool_call_begin|>"
    $0.body = .named(NamedCall(argumentsMark: "<|tool_call_argument_begin|>", nameIsID: true))
    $0.callEnd = "<|tool_call_end|>"
    $0.end = "<|tool_calls_section_end|>"
    $0.isSingle = false
  }

  /// MiniMax M2.
  package static let miniMax2 = CallFormat("minimax-m2") {
    $0.thinking = .lines
    $0.begins = ["<minimax:tool_call>\n"]
    $0.callBegin = "<invoke name=\""
    $0.body = .tagged(
      TaggedCall(
        nameEnd: "\">\n", keyBegin: "<parameter name=\"", keyEnd: "\">",
        valueEnd: "</parameter>\n"))
    $0.callEnd = "</invoke>\n"
    $0.end = "</minimax:tool_call>"
    $0.isSingle = false
  }

  /// Seed-OSS.
  package static let seed = CallFormat("seed-oss") {
    $0.thinking = Thinking(open: "<seed:think>", close: "</seed:think>")
    $0.begins = ["<seed:tool_call>\n"]
    $0.callBegin = "<function="
    $0.body = .tagged(
      TaggedCall(
        nameEnd: ">\n", keyBegin: "<parameter=", keyEnd: ">", valueEnd: "</parameter>\n"))
    $0.callEnd = "</function>"
    $0.end = "\n</seed:tool_call>"
    $0.blockSeparator = "\n"
  }

  /// Apertus.
  package static let apertus = CallFormat("apertus") {
    $0.list("<|tools_prefix|>", "<|tools_suffix|>")
    $0.body = .keyed
  }

  /// GigaChat 3.1.
  package static let gigaChat = CallFormat("gigachat-3.1") {
    $0.begins = ["<|function_call|>"]
  }

  private init(_ name: String, _ fill: (inout CallFormat) -> Void) {
    self.init(name: name)
    fill(&self)
  }

  private mutating func list(_ begin: String, _ end: String) {
    begins = [begin]
    isList = true
    separator = ", "
    self.end = end
    isSingle = false
  }
}

extension CallFormat.Thinking {
  /// What most models have, on lines of their own.
  static let lines = CallFormat.Thinking(open: "<think>\n", close: "\n</think>\n\n")
}
