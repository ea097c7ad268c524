package import Tensor

/// The numbers that GGUF files give the formats of weights: the one place that lists them.
package enum GGUFTypes {
  /// The format of each number.
  package static let formats: [UInt32: any WeightFormat.Type] = [
    0: F32.self, 1: F16.self, 2: Q4_0.self, 3: Q4_1.self, 6: Q5_0.self, 7: Q5_1.self, 8: Q8_0.self,
    10: Q2_K.self, 11: Q3_K.self, 12: Q4_K.self, 13: Q5_K.self, 14: Q6_K.self, 16: IQ2_XXS.self,
    17: IQ2_XS.self, 18: IQ3_XXS.self, 19: IQ1_S.self, 20: IQ4_NL.self, 21: IQ3_S.self,
    22: IQ2_S.self, 23: IQ4_XS.self, 29: IQ1_M.self, 30: BF16.self, 34: TQ1_0.self, 35: TQ2_0.self,
    39: MXFP4.self, 40: NVFP4.self, 41: Q1_0.self, 42: Q2_0.self,
  ]

  /// What a type is called that is none of these.
  static func name(_ fileType: UInt32) -> String {
    let others: [UInt32: String] = [
      4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 24: "I8", 25: "I16", 26: "I32", 27: "I64",
      28: "F64", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4",
      37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
    ]
    return others[fileType] ?? "storage type \(fileType)"
  }
}
