import ModelFiles

/// A model's files with weights that were trained, in single precision.
struct TrainedSource: ModelSource {
  let base: any ModelSource
  let shape: ModelShape
  let list: ParameterList
  let weights: FloatBuffer
  let turnsHalves: Bool

  var format: String { "\(base.format), trained" }
  var details: [(key: String, value: String)] { base.details }
  var names: [String] { base.names }
  var configuration: any ModelConfiguration { base.configuration }
  var vocabulary: VocabularyFiles { base.vocabulary }
  var chatTemplates: ChatTemplateFiles { base.chatTemplates }
  var sampling: SamplingDefaults { base.sampling }
  var notes: LoadingNotes { base.notes }
  var unreadKeys: [String] { base.unreadKeys }
  var byteCount: UInt64 { UInt64(4 * list.count) }

  func tensors(_ naming: TensorNaming) throws(ModelError) -> [SourceTensor] {
    list.tensors.map(sourceTensor)
  }

  func read(
    _ naming: TensorNaming, expecting digest: FileDigest?, progress: (UInt64, UInt64) -> Void,
    visit: (SourceTensor, UnsafeRawBufferPointer) throws -> Void
  ) throws -> FileDigest {
    for tensor in list.tensors {
      let values = UnsafeBufferPointer(weights[tensor.range])
      if turnsHalves, tensor.isRotated {
        let order = RotaryOrder(headLength: shape.headLength, columns: tensor.columns)
        try order.halves(of: values).withUnsafeBytes { try visit(sourceTensor(tensor), $0) }
      } else {
        try visit(sourceTensor(tensor), UnsafeRawBufferPointer(values))
      }
    }
    return FileDigest(hashing: [UnsafeRawBufferPointer(weights[0..<list.count])])
  }

  private func sourceTensor(_ tensor: ParameterTensor) -> SourceTensor {
    SourceTensor(
      name: tensor.name, dimensions: tensor.dimensions,
      byteRange: UInt64(4 * tensor.offset)..<UInt64(4 * tensor.range.upperBound))
  }
}
