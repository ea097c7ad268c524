extension OddFile {
  /// The tokens that end an answer.
  static let ends = [
    file("eos_end_of_text", "eos is `<|end_of_text|>`, turns end with `<|eot_id|>`") {
      $0["tokenizer.ggml.eos_token_id"] = .uint32(token("<|end_of_text|>"))
    },
    file("no_eos", "no eos") { $0["tokenizer.ggml.eos_token_id"] = nil },
    file("chatml_eos_endoftext", "eos is `<|endoftext|>`, turns end with `<|im_end|>`") {
      $0["tokenizer.ggml.eos_token_id"] = .uint32(token("<|endoftext|>"))
      $0["tokenizer.chat_template"] = .text(chatML)
    },
    file("eos_token_ids", "a list of eos beside the one") {
      $0["tokenizer.ggml.eos_token_ids"] = .int32s([Int32(token("<|end_of_text|>"))])
    },
    file("eos_array", "eos is a list") {
      $0["tokenizer.ggml.eos_token_id"] = .int32s([
        Int32(token("<|end_of_text|>")), Int32(token("<|eot_id|>")),
      ])
    },
    file("eos_oob", "eos is 999999") { $0["tokenizer.ggml.eos_token_id"] = .uint32(999_999) },
    file("eos_neg", "eos is -1") { $0["tokenizer.ggml.eos_token_id"] = .int32(-1) },
    file("pad_oob", "pad is 2^32 - 1") {
      $0["tokenizer.ggml.padding_token_id"] = .uint32(.max)
    },
    file("add_eos_true", "prompts are to end with eos") {
      $0["tokenizer.ggml.add_eos_token"] = .bool(1)
    },
  ]

  /// The token that begins prompts.
  static let beginnings = [
    file("no_add_bos", "not said whether prompts begin with bos"),
    file("add_bos_true", "prompts begin with bos, and the template writes it too") {
      $0["tokenizer.ggml.add_bos_token"] = .bool(1)
    },
    file("add_bos_false", "prompts do not begin with bos") {
      $0["tokenizer.ggml.add_bos_token"] = .bool(0)
    },
    file("no_bos_id", "no bos") { $0["tokenizer.ggml.bos_token_id"] = nil },
    file("add_bos_no_id", "prompts begin with bos, which is not named") {
      $0["tokenizer.ggml.bos_token_id"] = nil
      $0["tokenizer.ggml.add_bos_token"] = .bool(1)
    },
    file("bos_oob", "bos is 2^32 - 1") { $0["tokenizer.ggml.bos_token_id"] = .uint32(.max) },
  ]

  /// What tokens are for.
  static let kinds = [
    typed("specials_user_defined", "marks typed user-defined") { $0.hasPrefix("<|") ? 4 : $1 },
    typed("specials_normal", "marks typed normal") { $0.hasPrefix("<|") ? 1 : $1 },
    file("no_types", "no types") { $0["tokenizer.ggml.token_type"] = nil },
    typed("type0", "a token of type 0") { $0 == "!" ? 0 : $1 },
    typed("type9", "a token of type 9") { $0 == "!" ? 9 : $1 },
    typed("merge_to_user_defined", "a merge makes a user-defined token") {
      $0 == "Ġand" ? 4 : $1
    },
  ]

  /// The texts of tokens, and what joins them.
  static let pieces = [
    file("empty_token", "an empty token", adding: [("", 1)]),
    file("empty_tokens2", "two empty tokens", adding: [("", 1), ("", 1)]),
    file("dup_pad_unused", "a text twice", adding: [("[PAD]", 5), ("[PAD]", 5)]),
    merged("dup_merge", "a merge twice", TinyVocabulary.merges[0]),
    merged("merge_result_missing", "a merge that makes no token", "q q"),
    merged("merge_part_missing", "a merge of what are no tokens", "zz yy"),
    merged("merge_header_line", "the first line of a file of merges", "#version: 0.2"),
    file("no_merges", "no merges") { $0["tokenizer.ggml.merges"] = nil },
    file("merges_of_another", "the merges of another vocabulary") {
      $0["tokenizer.ggml.merges"] = .texts(["q q", "qq q", "z z", "zz z"])
    },
    file("tok_llama_spm", "named a vocabulary of SentencePiece, which it is not") {
      $0["tokenizer.ggml.model"] = .text("llama")
    },
    file("tok_rwkv", "a vocabulary of a kind that is not known") {
      $0["tokenizer.ggml.model"] = .text("rwkv")
    },
  ]

  /// What cuts text into words.
  static let preTokenizers =
    [
      file("no_pre", "no pre-tokenizer") { $0["tokenizer.ggml.pre"] = nil },
      OddFile(
        name: "no_pre_plain", oddity: "no pre-tokenizer, and no special tokens",
        bytes: builder(tokens: vocabulary.dropLast(specials.count).map { $0 }) {
          $0["tokenizer.ggml.pre"] = nil
          $0["tokenizer.ggml.bos_token_id"] = nil
          $0["tokenizer.ggml.eos_token_id"] = nil
        }.bytes()),
      file("pre_empty", "an empty name of a pre-tokenizer") {
        $0["tokenizer.ggml.pre"] = .text("")
      },
      file("pre_nonsense", "a pre-tokenizer that nobody knows") {
        $0["tokenizer.ggml.pre"] = .text("nonsense")
      },
    ]
    + [
      "default", "falcon3", "pixtral", "smaug-bpe", "dbrx", "stablelm2", "deepseek-r1-qwen",
      "olmo", "refact", "starcoder", "command-r", "codeshell", "minerva-7b", "mpt", "phi-2",
      "exaone4", "tekken", "gpt-4o", "deepseek-llm", "llama4",
    ].map { name in
      file("pre_\(name)", "the pre-tokenizer `\(name)`") {
        $0["tokenizer.ggml.pre"] = .text(name)
      }
    }

  private static func typed(
    _ name: String, _ oddity: String, _ type: (String, Int32) -> Int32
  ) -> OddFile {
    OddFile(name: name, oddity: oddity, bytes: builder(tokens: with(type: type)).bytes())
  }

  private static func file(
    _ name: String, _ oddity: String, adding tokens: [(String, Int32)]
  ) -> OddFile {
    OddFile(name: name, oddity: oddity, bytes: builder(tokens: with(adding: tokens)).bytes())
  }

  private static func merged(_ name: String, _ oddity: String, _ merge: String) -> OddFile {
    file(name, oddity) {
      $0["tokenizer.ggml.merges"] = .texts(TinyVocabulary.merges + [merge])
    }
  }
}
