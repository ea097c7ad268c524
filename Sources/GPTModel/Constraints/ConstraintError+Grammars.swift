import Grammars

extension ConstraintError {
  /// The faults of a grammar, in words.
  ///
  /// - Parameter subject: What the source is called, such as "the schema".
  init(_ faults: [GrammarError], of subject: String) {
    let sentences = faults.prefix(8).map { $0.sentence(about: subject) }
    self.init(
      Code(faults.first?.kind ?? .invalid), sentences.joined(separator: "; "))
  }
}

extension ConstraintError.Code {
  init(_ kind: GrammarError.Kind) {
    self =
      switch kind {
      case .invalid: .invalid
      case .unsupported: .unsupported
      case .tooComplex: .tooComplex
      case .unsatisfiable: .unsatisfiable
      }
  }
}

extension GrammarError {
  fileprivate func sentence(about subject: String) -> String {
    let place =
      switch place {
      case .whole: subject
      case .pointer(let pointer): pointer.isEmpty ? subject : "\(subject) at \(pointer)"
      case .line(let line): "line \(line) of \(subject)"
      case .byte(let byte): "\(subject) at byte \(byte)"
      }
    return "\(place) \(message)"
  }
}
