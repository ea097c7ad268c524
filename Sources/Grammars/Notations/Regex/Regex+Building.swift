extension Regex {
  /// A text of any of the languages, without needless nesting.
  static func any(_ branches: [Regex]) -> Regex {
    var flat: [Regex] = []
    for branch in branches {
      switch branch {
      case .nothing: continue
      case .alternatives(let inner): flat += inner
      default: flat.append(branch)
      }
    }
    if flat.count == 1 { return flat[0] }
    return flat.isEmpty ? .nothing : .alternatives(flat)
  }

  /// A text of each of the languages, without needless nesting; adjacent literals are one.
  static func joined(_ parts: [Regex]) -> Regex {
    var flat: [Regex] = []
    var literal: [UInt8] = []
    func close() {
      if !literal.isEmpty { flat.append(.literal(literal)) }
      literal = []
    }
    func take(_ part: Regex) {
      if case .literal(let text) = part {
        literal += text
      } else {
        close()
        flat.append(part)
      }
    }
    for part in parts {
      switch part {
      case .nothing: return .nothing
      case .empty: continue
      case .sequence(let inner): for piece in inner { take(piece) }
      default: take(part)
      }
    }
    close()
    if flat.count == 1 { return flat[0] }
    return flat.isEmpty ? .empty : .sequence(flat)
  }

  /// The language a number of times; bounds that ask for nothing or for one leave no repetition.
  func repeated(_ min: Int, _ max: Int?) -> Regex {
    if max == 0 || self == .empty { return .empty }
    if self == .nothing { return min == 0 ? .empty : .nothing }
    return min == 1 && max == 1 ? self : .repetition(self, min: min, max: max)
  }

  /// How many expressions there are in it, itself included.
  var size: Int {
    switch self {
    case .nothing, .empty, .byte, .literal: 1
    case .sequence(let parts), .alternatives(let parts), .intersection(let parts):
      parts.reduce(1) { $0 + $1.size }
    case .complement(let body), .repetition(let body, _, _): 1 + body.size
    }
  }
}

extension Regex {
  /// How many expressions deep it is.
  var depth: Int {
    switch self {
    case .nothing, .empty, .byte, .literal: 1
    case .sequence(let parts), .alternatives(let parts), .intersection(let parts):
      parts.reduce(0) { Swift.max($0, $1.depth) } + 1
    case .complement(let body), .repetition(let body, _, _): body.depth + 1
    }
  }
}
