/// A tool from a closure; its arguments are any decodable type.
///
/// ```swift
/// struct Place: Decodable { var city: String }
/// let weather = try ToolFunction("weather", "Tells the weather of a city") { (place: Place) in
///   try await forecast(for: place.city)
/// }
/// ```
public struct ToolFunction<Input: Decodable & Sendable, Output: PromptRepresentable & Sendable>:
  Tool
{
  /// What the tool is called with.
  public struct Arguments: ConvertibleFromGeneratedContent {
    let input: Input

    /// Decodes what the model wrote.
    public init(_ content: GeneratedContent) throws { input = try content.decode() }
  }

  public let name: String
  public let description: String
  public let parameters: GenerationSchema
  private let body: @Sendable (Input) async throws -> Output

  /// Names a closure.
  ///
  /// - Throws: `ApusError.notDescribable` where the form of the arguments cannot be told.
  public init(
    _ name: String, _ description: String, body: @escaping @Sendable (Input) async throws -> Output
  ) throws(ApusError) {
    parameters = try GenerationSchema(decoding: Input.self)
    (self.name, self.description, self.body) = (name, description, body)
  }

  @concurrent public func call(arguments: Arguments) async throws -> Output {
    try await body(arguments.input)
  }
}
