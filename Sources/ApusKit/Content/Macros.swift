#if Macros
  /// Has the values of a structure or an enumeration generated.
  ///
  /// Stored properties of a structure are written in their order; those with a question mark may be left out.
  /// An enumeration is one of its names, or of its raw values where these are texts; where cases carry values it
  /// is an object with one name, the case's. In snapshots there is a `PartiallyGenerated`, of which parts may be
  /// missing.
  ///
  /// - Parameter description: What the model is told of the type.
  @attached(
    extension, conformances: Generable, names: named(init(_:)), named(generatedContent))
  @attached(member, names: arbitrary)
  public macro Generable(description: String? = nil) =
    #externalMacro(module: "ApusMacros", type: "GenerableMacro")

  /// Has the values of a structure or an enumeration generated.
  ///
  /// - Parameters:
  ///   - description: What the model is told of the type.
  ///   - representNilExplicitlyInGeneratedContent: Whether a property that is nil is written as `null`, instead
  ///     of left out.
  @attached(
    extension, conformances: Generable, names: named(init(_:)), named(generatedContent))
  @attached(member, names: arbitrary)
  public macro Generable(
    description: String? = nil, representNilExplicitlyInGeneratedContent: Bool
  ) = #externalMacro(module: "ApusMacros", type: "GenerableMacro")

  /// Has the values of a structure or an enumeration generated, by a schema with a name of its own.
  ///
  /// - Parameters:
  ///   - name: The schema's name, in place of the type's.
  ///   - description: What the model is told of the type.
  ///   - representNilExplicitlyInGeneratedContent: Whether a property that is nil is written as `null`, instead
  ///     of left out.
  @attached(
    extension, conformances: Generable, names: named(init(_:)), named(generatedContent))
  @attached(member, names: arbitrary)
  public macro Generable(
    name: String, description: String? = nil,
    representNilExplicitlyInGeneratedContent: Bool = false
  ) = #externalMacro(module: "ApusMacros", type: "GenerableMacro")

  /// Tells the model of a property.
  @attached(peer) public macro Guide(description: String) =
    #externalMacro(module: "ApusMacros", type: "GuideMacro")

  /// Keeps a property to rules, and tells the model of it.
  @attached(peer) public macro Guide<T>(
    description: String? = nil, _ guides: GenerationGuide<T>...
  ) = #externalMacro(module: "ApusMacros", type: "GuideMacro") where T: Generable

  /// Keeps a text to a regular expression, and tells the model of it.
  @attached(peer) public macro Guide<RegexOutput>(
    description: String? = nil, _ guides: Regex<RegexOutput>
  ) = #externalMacro(module: "ApusMacros", type: "GuideMacro")
#endif
