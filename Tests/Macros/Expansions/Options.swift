import ApusKit

@Generable(name: "Entry", representNilExplicitlyInGeneratedContent: true)
struct Item {
  var id: GenerationID
  var title: String, subtitle: String?
}

@Generable struct Nothing {}
