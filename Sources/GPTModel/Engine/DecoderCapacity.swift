package import Tensor

/// What a decoder is built to hold: decided once, before the first step.
package struct DecoderCapacity: Sendable {
  /// Bounds of a step and of the cache.
  package var limits: SchedulerLimits
  /// Positions a sequence may have, C.
  package var contextLength: Int
  /// How each layer's page of the key-value cache is laid out, [L]; nil for layers without attention.
  package let cacheLayouts: [PageLayout?]
  /// How layers share the pages of the cache.
  package let cacheGroups: CacheGroups
  /// How the key-value cache keeps its numbers.
  package let cacheFormat: CacheFormat
  /// Bytes of the key-value cache.
  package let cacheBytes: Int
  /// Bytes of states.
  package let stateBytes: Int
  /// Rows of a step whose logits may be wanted, S.
  package var logitRows: Int

  /// Sizes a decoder for an engine.
  ///
  /// - Throws: `TensorError` when the cache cannot keep heads of this shape.
  package init(spec: TransformerSpec, configuration: EngineConfiguration) throws(TensorError) {
    cacheFormat = configuration.cacheFormat ?? .bfloat16
    cacheLayouts = try spec.cacheLayouts(cacheFormat)
    // Throws where all layers together have too many bytes.
    _ = try spec.bytesPerPage(cacheFormat)
    let positionsPerPage = PageLayout.positions
    let running = min(max(1, configuration.runningSequences), Self.most)
    let longest = spec.isCausal ? Int.max : Self.longestWhole
    let wanted = max(1, min(configuration.contextLength ?? .max, spec.contextLength, longest))
    let rows = min(max(running, configuration.rowsPerStep), Self.most)
    limits = SchedulerLimits(
      rowsPerStep: spec.isCausal ? rows : max(rows, wanted),
      runningSequences: running,
      waitingSequences: max(1, configuration.waitingRequests), pages: Int(Int32.max),
      positionsPerPage: positionsPerPage)
    let cached = spec.cachedLayers(cacheLayouts)
    cacheGroups =
      spec.isCausal
      ? CacheGroups(cached, limits: limits, contextLength: wanted)
      : CacheGroups(takingTurns: cached)
    limits.windows = cacheGroups.windows
    let pageBytes = cacheGroups.bytesPerPage
    let budget = configuration.cacheBytes ?? EngineConfiguration.usableMemory / 4
    limits.takesWholeSequences = !spec.isCausal
    // What is computed whole holds pages for a step only, which has so many rows, and one that begins.
    let (all, overflow) =
      spec.isCausal
      ? limits.pagesHeld(from: 0, to: wanted).multipliedReportingOverflow(by: running)
      : (limits.pagesNeeded(limits.rowsPerStep + wanted) + 2 * running, false)
    let affordable =
      pageBytes > 0 ? budget / pageBytes : max(Self.emptyPages, limits.pagesNeeded(wanted))
    limits.pages = max(
      limits.windows.count, min(overflow ? .max : all, affordable, Int(Int32.max)))
    if spec.hasStates {
      let budget = configuration.stateBytes ?? EngineConfiguration.usableMemory / 4
      let wanted = running + max(running, Self.leastSnapshots)
      limits.stateSlots = max(1, min(wanted, budget / max(1, spec.bytesPerState)))
    }
    stateBytes = (limits.stateSlots ?? 0) * spec.bytesPerState
    contextLength = min(wanted, limits.longestSequence)
    cacheBytes = limits.pages * pageBytes
    // At least some, because prompts may want the logits of each of their rows, a block at a time.
    limits.draftRowsPerStep =
      configuration.speculation != .off && spec.isCausal && !spec.hasStates ? Self.mostDrafted : 0
    logitRows = min(
      max(running, Self.logitRowsOfPrompts) + limits.draftRowsPerStep, limits.rowsPerStep)
    limits.waitingTokens =
      configuration.waitingTokens
      ?? 4 * max(limits.pages / limits.windows.count * positionsPerPage, contextLength)
    limits.sequencesPerClient = configuration.requestsPerClient ?? .max
    limits.stepTarget = configuration.interTokenTarget
    limits.encodedRowsPerStep = max(1, configuration.attachmentRowsPerStep)
    if configuration.attachmentEncoder != nil {
      let rows = configuration.attachmentBytes / (spec.width * MemoryLayout<Float>.stride)
      limits.embeddingRows = max(0, min(rows, Int(Int32.max)))
    }
  }

  /// Sizes a decoder of a model for an engine.
  ///
  /// - Throws: `TensorError` when the cache cannot keep heads of this shape.
  package init(_ model: LoadedModel, configuration: EngineConfiguration) throws(TensorError) {
    var configuration = configuration
    configuration.cacheFormat = configuration.cacheFormat ?? model.cacheFormat
    try self.init(spec: model.spec, configuration: configuration)
  }

  /// Snapshots of states, beside the states of running sequences, that there is room for at least.
  private static let leastSnapshots = 8
  /// Pages of a model without keys and values at least, which take no memory but that of counting them.
  private static let emptyPages = 65_536
  /// Rows of prompts whose logits are computed together, where no more sequences run.
  private static let logitRowsOfPrompts = 16
  /// Drafted tokens of a step: a product of more rows takes so much longer than one of few that a draft
  /// costs more than it saves.
  private static let mostDrafted = 15
  /// Positions of a sequence that is computed in one step, at most: what its rows take is allocated at start.
  private static let longestWhole = 8192
  /// Rows or sequences of a step at most: beyond, a step only gets longer.
  private static let most = 4096
}
