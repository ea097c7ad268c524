import JSON

/// The rules of calls in a format.
struct CallRules {
  /// Where rules are added.
  private(set) var builder: GrammarBuilder
  /// Where schemas say more than is enforced.
  private(set) var relaxed: [AnswerExpression.Place] = []
  private let format: CallFormat
  private let spelling: MarkSpelling

  /// Prepares for a format.
  init(_ format: CallFormat, spelling: MarkSpelling, builder: GrammarBuilder) {
    self.format = format
    self.spelling = spelling
    self.builder = builder
  }

  /// Calls of any of the tools, one or more.
  mutating func expression(
    of tools: [AnswerRules.Tool], isParallel: Bool, isRequired: Bool
  ) throws(AnswerRulesError) -> Grammar.Expression {
    var bodies: [Grammar.Expression] = []
    for (index, tool) in tools.enumerated() {
      do throws(GrammarErrors) {
        var writer = try CallWriter(tool, format, spelling: spelling, builder: builder)
        bodies.append(try writer.call())
        builder = writer.builder
        relaxed += writer.relaxed.map { AnswerExpression.Place(tool: index, pointer: $0) }
      } catch {
        throw AnswerRulesError(tool: index, faults: error)
      }
    }
    let rule = builder.rule(named: "call")
    builder.define(rule, as: .alternatives(bodies))
    let marked = builder.rule(named: "marked_call")
    builder.define(marked, as: .alternatives([.rule(rule)] + methods(of: tools)))
    return blocks(
      of: .rule(rule), marked: .rule(marked), isParallel: isParallel, isRequired: isRequired)
  }

  /// Calls of methods of the tools, where the format has some and schemas hold as they are.
  private mutating func methods(of tools: [AnswerRules.Tool]) -> [Grammar.Expression] {
    guard let method = format.method else { return [] }
    var calls: [Grammar.Expression] = []
    for tool in tools {
      var exact = tool
      exact.isStrict = true
      do throws(GrammarErrors) {
        var writer = try CallWriter(exact, format, spelling: spelling, builder: builder)
        calls.append(try writer.method(method))
        builder = writer.builder
      } catch {
        // An object says what keyword arguments cannot.
        continue
      }
    }
    return calls
  }

  /// The blocks that calls stand in.
  private mutating func blocks(
    of call: Grammar.Expression, marked markedCall: Grammar.Expression, isParallel: Bool,
    isRequired: Bool
  ) -> Grammar.Expression {
    let most = isParallel ? nil : 0
    switch format.layout {
    // A message has one call, and its end is the answer's.
    case .channels: return call
    case .recipients:
      return chain(call, between: mark(LayoutRules.recipientMark), most: most)
    case .blocks: break
    }
    let body = Grammar.Expression.sequence([mark(format.callBegin), call, mark(format.callEnd)])
    var forms: [Grammar.Expression] = []
    let marks = format.begins.filter { !$0.isEmpty }
    if !marks.isEmpty {
      let body = Grammar.Expression.sequence([
        mark(format.callBegin), markedCall, mark(format.callEnd),
      ])
      let open = Grammar.Expression.alternatives(
        marks.map { mark($0 + (format.isList ? "[" : "")) })
      let close = mark((format.isList ? format.listEnd : "") + format.end)
      forms.append(
        format.isSingle
          ? chain(.sequence([open, body, close]), between: mark(format.blockSeparator), most: most)
          : .sequence([open, chain(body, between: mark(format.separator), most: most), close]))
    }
    // Where a call must come, it comes with its marks, if there are some.
    if format.begins.first == "" || (!isRequired && format.begins.contains("")) {
      let separator = mark(format.isSingle ? format.blockSeparator : format.separator)
      let bare = chain(body, between: separator, most: most)
      forms.append(format.isList ? .sequence([mark("["), bare, mark(format.listEnd)]) : bare)
    }
    return .alternatives(forms)
  }

  /// One part or more, with a mark between them.
  private func chain(
    _ part: Grammar.Expression, between mark: Grammar.Expression, most: Int?
  ) -> Grammar.Expression {
    .sequence([part, .repetition(.sequence([mark, part]), min: 0, max: most)])
  }

  private mutating func mark(_ text: String) -> Grammar.Expression {
    spelling.expression(of: text, in: &builder)
  }

  /// The texts that begin like a call in a format whose calls need no mark, whatever stood before.
  static func opening(of tools: [AnswerRules.Tool], _ format: CallFormat) -> Regex {
    let space = Regex.repetition(.byte(ByteSet(0x09...0x0D, 0x20...0x20)), min: 0, max: nil)
    let names = Regex.any(tools.map { Regex($0.name) })
    var call: Regex
    if format.isList {
      call = .joined([Regex("["), space, names, space, Regex("(")])
    } else {
      let quoted = Regex.joined([Regex("\""), names, Regex("\"")])
      call = .joined([Regex("{"), space, Regex("\"name\""), space, Regex(":"), space, quoted])
    }
    let lines = Regex.joined([.everything, Regex("\n")]).optional
    return .joined([lines, space, call, .everything])
  }
}
