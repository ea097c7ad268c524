import ModelFiles
import Tensor

extension Bert {
  /// Has a score made of the first state: through a linear layer, the hyperbolic tangent, another layer.
  static func addClassifier(
    _ classes: Int, _ configuration: any ModelConfiguration, _ spec: inout TransformerSpec
  ) throws(ModelError) {
    guard try configuration.flagIfPresent(.classifierDense) != false else {
      throw ModelError(
        .unsupported, field: "cls.weight",
        "the file has a classifier, but not the layer before it: llama.cpp's converter leaves it out"
          + " for BERT; load the folder of safetensors that the file was made of")
    }
    spec.pooled.pooling = .cls
    spec.pooled.score = ScoreSpec()
    spec.pooled.layers = [
      PooledLayer(
        name: "cls", inputs: spec.width, outputs: spec.width, hasBias: true, function: .tanh),
      PooledLayer(name: "cls.output", inputs: spec.width, outputs: classes, hasBias: true),
    ]
  }
}

extension ModernBert {
  /// Has a score made of the pooled state: through a linear layer, its function, a norm, another layer.
  static func addClassifier(
    _ classes: Int, _ configuration: any ModelConfiguration, _ spec: inout TransformerSpec
  ) throws(ModelError) {
    let number = try configuration.integerIfPresent(.classifierPoolingNumber, in: 1...2)
    let name =
      try configuration.stringIfPresent(.classifierPooling) ?? (number == 1 ? "mean" : "cls")
    guard let pooling = Pooling(rawValue: name), pooling != .last else {
      throw ModelError(
        .unsupported, field: configuration.name(of: .classifierPooling),
        "\(name.debugDescription) is not one of cls, mean")
    }
    spec.pooled.pooling = pooling
    spec.pooled.score = ScoreSpec()
    let function = try activation(configuration, .classifierActivation)
    spec.pooled.layers = [
      PooledLayer(
        name: "cls", inputs: spec.width, outputs: spec.width,
        hasBias: try configuration.flagIfPresent(.classifierBias) ?? false,
        function: .activation(function), norm: spec.head.norm),
      PooledLayer(name: "cls.output", inputs: spec.width, outputs: classes, hasBias: true),
    ]
  }
}
