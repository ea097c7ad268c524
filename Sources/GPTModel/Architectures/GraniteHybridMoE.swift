package import ModelFiles

/// Granite 4 with experts: Granite 4's layers, with experts beside the network that all rows go through.
///
/// IBM, "Granite 4.0 Language Models", 2025.
package enum GraniteHybridMoE: Architecture {
  package static let names = GraniteHybrid.names
  package static let naming = GraniteHybrid.naming.with(
    GraniteMoE.expertNames, without: ["ffn_gate_up", "ffn_down"])

  package static func spec(_ configuration: any ModelConfiguration) throws(ModelError)
    -> TransformerSpec
  {
    var rules = GraniteHybrid.rules
    rules.readsExperts = true
    let sizes = try DecoderSizes(configuration, rules)
    var spec = try GraniteHybrid.spec(configuration, sizes)
    spec.add(try GraniteMoE.experts(configuration, sizes), where: spec.layers.map { _ in true })
    return spec
  }
}
