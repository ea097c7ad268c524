extension OddFile {
  /// Chat templates.
  static let templates = [
    file("no_template", "no template, and the tokens of ChatML") {
      $0["tokenizer.chat_template"] = nil
    },
    OddFile(
      name: "no_template_plain", oddity: "no template, and no special tokens",
      bytes: builder(tokens: vocabulary.dropLast(specials.count).map { $0 }) {
        $0["tokenizer.chat_template"] = nil
        $0["tokenizer.ggml.bos_token_id"] = nil
        $0["tokenizer.ggml.eos_token_id"] = nil
      }.bytes()),
    template("template_empty", "an empty template", ""),
    file("template_named_only", "a template for tools alone") {
      $0["tokenizer.chat_template"] = nil
      $0["tokenizer.chat_templates"] = .texts(["tool_use"])
      $0["tokenizer.chat_template.tool_use"] = .text(chatML)
    },
    file("template_named", "a template for tools beside the usual one") {
      $0["tokenizer.chat_templates"] = .texts(["tool_use"])
      $0["tokenizer.chat_template.tool_use"] = .text("{{ 'X' }}")
    },
    file("template_array", "a list of templates") {
      $0["tokenizer.chat_template"] = .texts([chatML])
    },
    template("template_bom", "a mark of byte order before the template", "\u{FEFF}" + chatML),
    template("template_crlf", "lines that end as on Windows", chatML + "\r\n"),
    template("template_nl", "empty lines behind the template", chatML + "\n\n"),
    template(
      "template_generation", "`{% generation %}`",
      "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
        + "{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}"),
    template(
      "template_strftime", "a template that asks for the date",
      "{{ strftime_now('%Y') }}" + chatML),
    template("template_broken", "a template that is none", "{% for m in messages %}{{ m.content }"),
    template(
      "template_raise", "a template that refuses the role of the system",
      "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + chatML),
    template(
      "template_alternate", "a template that wants turns to alternate",
      "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
        + "{{ raise_exception('roles must alternate') }}{% endif %}{% endfor %}" + chatML),
    file("sampling", "how tokens are to be chosen") {
      $0["general.sampling.temp"] = .float32(0.6)
      $0["general.sampling.top_k"] = .int32(20)
      $0["general.sampling.top_p"] = .float32(7)
    },
  ]

  /// Texts that describe the model.
  static let keys = [
    file("imatrix", "keys of quantisation, and lists of tags") {
      $0["quantize.imatrix.file"] = .text("/x/imatrix.dat")
      $0["quantize.imatrix.entries_count"] = .int32(14)
      $0["general.tags"] = .texts(["a", "b"])
    },
    file("empty_strings", "empty texts") {
      $0["general.name"] = .text("")
      $0["general.author"] = .text("")
    },
    file("empty_array", "an empty list") { $0["general.tags"] = .texts([]) },
    file("key_case_twice", "two keys that differ in case") {
      $0["general.Name"] = .text("x")
    },
    file("long_name", "a name of 5000 letters") {
      $0["general.name"] = .text(String(repeating: "n", count: 5_000))
    },
    file("name_newline", "a name with lines and colours") {
      $0["general.name"] = .text("evil\n\u{1B}[31mname")
    },
    file("latin1_metadata", "a description in Latin-1") {
      $0["general.description"] = .bytes([0x63, 0x61, 0x66, 0xE9])
    },
    file("nul_in_string", "a NUL in a description") {
      $0["general.description"] = .text("a\0b")
    },
    file("other_int_types", "sizes as integers of other types") {
      $0["llama.context_length"] = .uint64(512)
      $0["llama.block_count"] = .int32(1)
      $0["llama.attention.layer_norm_rms_epsilon"] = .float64(1e-5)
    },
    file("unread_key", "a key under the architecture's name that nobody reads") {
      $0["llama.attention.twist"] = .float32(0.5)
    },
  ]

  private static func template(_ name: String, _ oddity: String, _ text: String) -> OddFile {
    file(name, oddity) { $0["tokenizer.chat_template"] = .text(text) }
  }
}
