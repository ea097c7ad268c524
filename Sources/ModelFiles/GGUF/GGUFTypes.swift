package import Tensor

/// The numbers that GGUF files give the formats of weights: the one place that lists them.
package enum GGUFTypes {
  /// The format of each number.
  package static let formats: [UInt32: any WeightFormat.Type] = [
    0: F32.self, 1: F16.self, 2: Q4_0.self, 3: Q4_1.self, 6: Q5_0.self, 7: Q5_1.self, 8: Q8_0.self,
    10: Q2_K.self, 11: Q3_K.self, 12: Q4_K.self, 13: Q5_K.self, 14: Q6_K.self, 20: IQ4_NL.self,
    23: IQ4_XS.self, 30: BF16.self, 39: MXFP4.self,
  ]
}
