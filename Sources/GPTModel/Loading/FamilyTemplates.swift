import Tokenizers

/// The chat templates of families whose special tokens tell them apart, for files that have none.
enum FamilyTemplates {
  /// A template.
  struct Family: Sendable {
    /// What people call the layout.
    let name: String
    /// Control tokens that a vocabulary of the family has.
    let marks: [String]
    /// The template.
    let source: String
  }

  /// The template of the family that a tokenizer's control tokens tell.
  static func template(for tokenizer: Tokenizer) -> Family? {
    all.first { family in
      family.marks.allSatisfy { mark in
        tokenizer.encode([PromptSegment(mark, from: .template)], addsBeginning: false).count == 1
      }
    }
  }

  /// The families, those with more peculiar marks first.
  static let all = [
    Family(
      name: "ChatML", marks: ["<|im_start|>", "<|im_end|>"],
      source: eachMessage(
        "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n", answer: "<|im_start|>assistant\n")
    ),
    Family(
      name: "Llama 3", marks: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
      source: "{{ bos_token }}"
        + eachMessage(
          "<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}<|eot_id|>",
          answer: "<|start_header_id|>assistant<|end_header_id|>\n\n")),
    Family(
      name: "Gemma", marks: ["<start_of_turn>", "<end_of_turn>"],
      source: "{{ bos_token }}"
        + eachMessage(
          "<start_of_turn>{{ 'model' if m.role == 'assistant' else 'user' }}\n"
            + "{{ m.content | trim }}<end_of_turn>\n", answer: "<start_of_turn>model\n")),
    Family(
      name: "Command R",
      marks: ["<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"],
      source: "{{ bos_token }}"
        + eachMessage(
          "<|START_OF_TURN_TOKEN|>{{ {'assistant': '<|CHATBOT_TOKEN|>', 'system':"
            + " '<|SYSTEM_TOKEN|>'}.get(m.role, '<|USER_TOKEN|>') }}{{ m.content }}"
            + "<|END_OF_TURN_TOKEN|>", answer: "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>")),
    Family(
      name: "Phi 3", marks: ["<|user|>", "<|assistant|>", "<|end|>"],
      source: eachMessage("<|{{ m.role }}|>\n{{ m.content }}<|end|>\n", answer: "<|assistant|>\n")),
    Family(
      name: "Mistral", marks: ["[INST]", "[/INST]"],
      source: "{{ bos_token }}"
        + eachMessage(
          "{% if m.role == 'assistant' %}{{ m.content }}{{ eos_token }}"
            + "{% else %}[INST]{{ m.content }}[/INST]{% endif %}", answer: "")),
  ]

  /// A template that lays each message out in the same way.
  ///
  /// - Parameters:
  ///   - message: The layout of a message `m`.
  ///   - answer: What an answer begins with.
  private static func eachMessage(_ message: String, answer: String) -> String {
    "{% for m in messages %}" + message + "{% endfor %}"
      + "{% if add_generation_prompt %}" + answer + "{% endif %}"
  }
}
