package import ModelFiles

/// A kind of decoder or encoder: how its files describe it, as values.
package protocol Architecture: Sendable {
  /// What files call it: the values of `general.architecture` and of `model_type`.
  static var names: [String] { get }

  /// What folders of safetensors call its tensors.
  static var naming: TensorNaming { get }

  /// Describes the decoder that a configuration asks for.
  static func spec(_ configuration: any ModelConfiguration) throws(ModelError) -> TransformerSpec

  /// Whether a configuration that has one of the names is of this kind; of several architectures that share
  /// a name, the first that says so describes it.
  static func describes(_ configuration: any ModelConfiguration) -> Bool
}

extension Architecture {
  /// Every configuration of a name that no other architecture has.
  package static func describes(_ configuration: any ModelConfiguration) -> Bool { true }

  /// The usual names.
  package static var naming: TensorNaming { .standard }
}

/// The architectures there are.
package enum Architectures {
  /// Adding one takes a file of its own and its name here.
  package static let all: [any Architecture.Type] =
    [
      Llama.self, Qwen2.self, Qwen2MoE.self, Qwen3.self, Qwen3MoE.self, Gemma.self, Gemma2.self,
      Gemma3.self, SmolLM3.self,
      Phi3.self, Olmo2.self, Granite.self, Exaone4.self, GLM.self, GLM4.self, HunyuanDense.self,
      Ernie4_5.self, MiniCPM.self, Ministral3.self, SeedOSS.self, Arcee.self,
      Apertus.self, GPT2.self, GPTNeoX.self, StableLM.self, Falcon.self, Phi.self, Cohere.self,
      Cohere2.self, StarCoder.self, StarCoder2.self, GPTJ.self, GPTNeo.self, OPT.self, MPT.self,
      Bloom.self, Olmo.self, Nemotron.self, InternLM2.self, Gemma3n.self, Gemma4.self,
      Lfm2.self, Mamba.self, Mamba2.self, GraniteHybrid.self, GraniteHybridMoE.self, Qwen3_5.self,
      Qwen3_5MoE.self, Qwen3Next.self, NemotronH.self,
      GptOss.self, GLM4MoE.self,
      OlmoE.self, GraniteMoE.self, Ernie4_5MoE.self, HunyuanMoE.self, PhiMoE.self,
      Llama4.self, Lfm2MoE.self,
      MiniCPM3.self, DeepSeek.self, Mistral4.self,
      FalconH1.self,
      Baichuan.self, CodeShell.self, Exaone.self, ChatGLM.self,
    ] + encoders

  /// Those whose models are made for texts as a whole.
  package static let encoders: [any Architecture.Type] = [
    Bert.self, DistilBert.self, Roberta.self, NomicBert.self, ModernBert.self,
  ]

  /// The architecture that a configuration names.
  ///
  /// - Parameter architectures: Those there are to choose from.
  package static func named(
    _ configuration: any ModelConfiguration, among architectures: [any Architecture.Type] = all
  ) throws(ModelError) -> any Architecture.Type {
    let name = configuration.architecture
    var known: [String] = []
    for architecture in architectures {
      if architecture.names.contains(name), architecture.describes(configuration) {
        return architecture
      }
      known += architecture.names
    }
    try Runnability.refuseCompanion(configuration)
    throw ModelError(
      .unsupported, field: configuration.architectureField,
      "'\(name.prefix(64))' is not one of \(known.joined(separator: ", "))")
  }
}
