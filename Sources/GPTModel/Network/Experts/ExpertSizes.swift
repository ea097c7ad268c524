import ModelFiles
import Tensor

extension DecoderSizes {
  /// What a family's configurations leave out about experts, and how its routers choose.
  struct ExpertRules {
    /// Figures that folders may leave out, by key.
    var defaults: [ConfigurationKey: Int] = [:]
    /// What a router's logit becomes.
    var score = RoutingRule.Score.softmax
    /// What weights are made of.
    var weight = RoutingRule.Weight.share()
    /// The function that gates go through.
    var activation = Activation.silu
  }

  /// The experts that a configuration states, without a network that all rows go through.
  func experts(
    _ configuration: any ModelConfiguration, _ rules: ExpertRules
  ) throws(ModelError) -> ExpertsSpec {
    func integer(_ key: ConfigurationKey, in range: ClosedRange<Int>) throws(ModelError) -> Int? {
      if let list = try configuration.integersIfPresent(key, count: layers, in: range) {
        guard list.allSatisfy({ $0 == list[0] }) else {
          throw ModelError(
            .unsupported, field: configuration.name(of: key),
            "figures of experts that differ by layer are not supported")
        }
        return list[0]
      }
      return try configuration.integerIfPresent(key, in: range)
        ?? (configuration.omitsDefaults ? rules.defaults[key] : nil)
    }
    func required(_ key: ConfigurationKey, in range: ClosedRange<Int>) throws(ModelError) -> Int {
      if let value = try integer(key, in: range) { return value }
      return try configuration.integer(key, in: range)
    }
    let count = try required(.experts, in: 1...ExpertsSpec.mostExperts)
    guard count * layers <= Self.mostExperts else {
      throw ModelError(
        .limit, field: configuration.name(of: .experts),
        "\(count) experts in each of \(layers) layers; at most \(Self.mostExperts) are allowed")
    }
    let width = try integer(.expertWidth, in: 1...1_048_576) ?? feedForwardWidth
    return ExpertsSpec(
      count: count, network: MLPSpec(width: width, activation: rules.activation),
      routing: try routing(
        configuration, rules, used: required(.expertsUsed, in: 1...count)))
  }

  /// The rule by which experts are chosen; files may name the function of the router's logits.
  private func routing(
    _ configuration: any ModelConfiguration, _ rules: ExpertRules, used: Int
  ) throws(ModelError) -> RoutingRule {
    var rule = RoutingRule(used: used, score: rules.score, weight: rules.weight)
    if let name = try configuration.stringIfPresent(.scoreName) {
      let known: [String: RoutingRule.Score] = ["softmax": .softmax, "sigmoid": .sigmoid]
      guard let score = known[name] else {
        throw ModelError(
          .unsupported, field: configuration.name(of: .scoreName),
          "\(name.debugDescription) is not one of sigmoid, softmax")
      }
      rule.score = score
    }
    switch try configuration.integerIfPresent(.scoreFunction, in: 0...3) {
    case 1?: rule.score = .softmax
    case 2?: rule.score = .sigmoid
    case 3?: (rule.score, rule.weight) = (.logit, .softmax)
    default: break
    }
    return rule
  }

  /// Experts as DeepSeek's models have them: in groups of which some are kept, beside one for all rows, with
  /// a factor on weights.
  ///
  /// - Parameters:
  ///   - summed: How many of a group's best scores are summed to compare groups.
  ///   - shared: How many experts the one for all rows stands for unless the files say otherwise.
  func groupedExperts(
    _ configuration: any ModelConfiguration, _ rules: ExpertRules, summed: Int = 2, shared: Int = 1
  ) throws(ModelError) -> ExpertsSpec {
    var experts = try experts(configuration, rules)
    experts.routing.scale = Float(try configuration.factor(.weightScale))
    if let groups = try configuration.integerIfPresent(.expertGroups, in: 1...experts.count) {
      let kept = try configuration.integerIfPresent(.expertGroupsUsed, in: 1...groups) ?? groups
      experts.routing.groups = try self.groups(
        ExpertGroups(count: groups, used: kept, summed: summed), of: experts,
        configuration.name(of: .expertGroups))
    }
    let stated = try configuration.integerIfPresent(.sharedExperts, in: 0...64)
    let wide = (stated ?? shared) * experts.network.width
    if wide > 0 {
      var network = experts.network
      network.width = wide
      experts.shared = SharedExpert(network: network)
    }
    return experts
  }

  /// Groups, where not all are kept; they must hold the experts that a row takes.
  private func groups(
    _ groups: ExpertGroups, of experts: ExpertsSpec, _ field: String
  ) throws(ModelError) -> ExpertGroups? {
    guard groups.used < groups.count else { return nil }
    guard experts.count.isMultiple(of: groups.count),
      experts.routing.used <= groups.used * (experts.count / groups.count)
    else {
      throw ModelError(
        .invalid, field: field,
        "\(groups.used) of \(groups.count) groups of \(experts.count) experts do not hold the"
          + " \(experts.routing.used) that a token takes")
    }
    return groups
  }

  /// Experts of all layers together at most.
  private static let mostExperts = 65_536
}

extension ModelConfiguration {
  /// Which layers have experts, [L]: every so many from the first on that may have some, but those whose
  /// numbers are listed.
  ///
  /// - Parameter dense: Layers without experts in front unless the files say otherwise.
  func expertLayers(_ layers: Int, dense: Int = 0) throws(ModelError) -> [Bool] {
    if let listed = try listedExpertLayers(count: layers) {
      _ = try integerIfPresent(.denseLayers, in: 0...layers)
      return listed
    }
    let first = try integerIfPresent(.denseLayers, in: 0...layers) ?? dense
    let interval = try integerIfPresent(.expertInterval, in: 1...1024) ?? 1
    let listed = Set(try integerListIfPresent(.denseLayerNumbers, in: 0...1024) ?? [])
    return (0..<layers).map {
      $0 >= first && ($0 + 1).isMultiple(of: interval) && !listed.contains($0)
    }
  }
}

extension TransformerSpec {
  /// Gives layers experts in the place of their feed-forward networks.
  mutating func add(_ experts: ExpertsSpec, where hasExperts: [Bool]) {
    for (index, hasExperts) in zip(layers.indices, hasExperts) where hasExperts {
      layers[index].feedForward = nil
      layers[index].experts = experts
    }
  }
}
