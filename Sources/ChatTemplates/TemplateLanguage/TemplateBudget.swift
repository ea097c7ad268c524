/// What one rendering has used of its bounds, and where in the source it stands.
///
/// Everything that takes time or memory asks here first, so no template and no conversation can
/// make a rendering long or large.
final class TemplateBudget {
  /// Bytes of a template's source.
  static let maximumSource = 256 * 1024
  /// Steps of one rendering.
  static let maximumSteps = 2_000_000
  /// Bytes of the output, and of any text on the way to it.
  static let maximumOutput = 4 * 1024 * 1024
  /// Elements of a list or members of a dictionary.
  static let maximumElements = 100_000
  /// Nesting of expressions and blocks in the source, and of macro calls.
  static let maximumNesting = 64
  /// Nesting of evaluations, over all macro calls in progress; what a stack of 512 KiB holds in a
  /// build without optimization.
  static let maximumEvaluationDepth = 160
  /// Nesting of values.
  static let maximumValueDepth = 64
  /// The steps for a round of a loop, a call, or another thing that makes a scope.
  static let stepsPerScope = 8
  /// Bytes copied or searched for the price of one step.
  static let bytesPerStep = 128

  /// The statement or operation in progress.
  var position = TemplatePosition()
  private var steps = 0
  private var depth = 0

  /// Takes steps, or throws when none are left.
  func charge(_ count: Int = 1) throws(TemplateError) {
    steps += min(count, Self.maximumSteps + 1)
    if steps > Self.maximumSteps {
      throw exceeded(.steps, "the template takes more than \(Self.maximumSteps) steps")
    }
  }

  /// Takes the steps for copying or searching bytes.
  func charge(bytes: Int) throws(TemplateError) {
    try charge(bytes / Self.bytesPerStep)
  }

  /// Checks the length of a text before it is made, and takes the steps for its bytes.
  func reserve(bytes: Int) throws(TemplateError) {
    if bytes > Self.maximumOutput {
      throw exceeded(.output, "a text of more than \(Self.maximumOutput) bytes")
    }
    try charge(bytes: bytes)
  }

  /// Checks a number of elements before they are made, and takes a step for each.
  func reserve(elements: Int) throws(TemplateError) {
    if elements > Self.maximumElements {
      throw exceeded(.output, "a list of more than \(Self.maximumElements) elements")
    }
    try charge(elements)
  }

  /// Goes one evaluation deeper, for one step; what takes more stack counts as several levels.
  func enter(levels: Int = 1) throws(TemplateError) {
    try charge()
    if depth > Self.maximumEvaluationDepth - levels {
      throw exceeded(.depth, "the template nests too deeply")
    }
    depth += levels
  }

  /// Comes back from an evaluation.
  func leave(levels: Int = 1) {
    depth -= levels
  }

  /// An operation without meaning, at the place in progress.
  func fault(_ message: String) -> TemplateError {
    TemplateError(.runtime, message, at: position)
  }

  /// A bound reached, at the place in progress.
  func exceeded(_ bound: TemplateError.Bound, _ message: String) -> TemplateError {
    TemplateError(.budget(bound), message, at: position)
  }

  /// The integer an arithmetic operation gave, unless it does not fit.
  func checked(_ result: (partialValue: Int, overflow: Bool)) throws(TemplateError) -> Int {
    if result.overflow { throw fault("an integer beyond 64 bits") }
    return result.partialValue
  }
}
