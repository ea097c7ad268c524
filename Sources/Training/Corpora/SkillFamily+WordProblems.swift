extension SkillFamily {
  /// Problems of one or two steps, told of people and things.
  static let wordProblems = [
    SkillFamily(name: "word problems", share: 14) { draw in
      let people = draw.pick(2, of: Words.names)
      let things = draw.pick(Words.things)
      let problem = draw.pick(schemata)
      let (text, steps, result) = problem(&draw)
      let question = text.replacing("@", with: people[0]).replacing("&", with: people[1])
        .replacing("#", with: things)
      return Exercise(
        question, answer: "The answer is \(result).", key: "problem \(text)"
      ).worked(steps, isHard: true).checked(.number, "\(result)")
    }
  ]

  /// A text with `@` and `&` for people and `#` for things, its working, and its result.
  private typealias Schema = @Sendable (inout Draw) -> (text: String, steps: String, result: Int)

  private static func sum(_ a: Int, _ b: Int) -> String {
    "\(a) + \(b): \(Working.sum(a, b)) \(a) + \(b) = \(a + b)."
  }

  private static func difference(_ a: Int, _ b: Int) -> String {
    "\(a) - \(b): \(Working.difference(a, b)) \(a) - \(b) = \(a - b)."
  }

  private static func product(_ a: Int, _ b: Int) -> String {
    "\(a) * \(b): \(Working.product(a, digit: b)) \(a) * \(b) = \(a * b)."
  }

  private static let schemata: [Schema] = [
    { draw in
      let (a, b) = (draw.number(2...99), draw.number(2...99))
      return ("@ has \(a) #. & gives @ \(b) more. How many # does @ have now?", sum(a, b), a + b)
    },
    { draw in
      let (a, b) = (draw.number(20...99), draw.number(2...19))
      return ("@ had \(a) # and lost \(b) of them. How many # are left?", difference(a, b), a - b)
    },
    { draw in
      let (a, b) = (draw.number(2...9), draw.number(3...30))
      return (
        "There are \(a) boxes with \(b) # in each. How many # are there?", product(b, a), a * b
      )
    },
    { draw in
      let (a, b) = (draw.number(5...60), draw.number(5...60))
      return ("@ has \(a) # and & has \(b). How many # do they have together?", sum(a, b), a + b)
    },
    { draw in
      let (b, more) = (draw.number(5...60), draw.number(2...30))
      return (
        "& has \(b) #. @ has \(more) more than &. How many # does @ have?", sum(b, more), b + more
      )
    },
    { draw in
      let (b, less) = (draw.number(31...90), draw.number(2...30))
      return (
        "& has \(b) #. @ has \(less) fewer than &. How many # does @ have?",
        difference(b, less), b - less
      )
    },
    { draw in
      let (price, count) = (draw.number(2...25), draw.number(2...9))
      return (
        "One of the # costs \(price) euros. What do \(count) of them cost?",
        product(price, count), price * count
      )
    },
    { draw in
      let (a, b, c) = (draw.number(5...50), draw.number(5...50), draw.number(2...9))
      return (
        "@ had \(a) #, found \(b) and gave \(c) to &. How many # does @ have now?",
        "\(sum(a, b)) \(difference(a + b, c))", a + b - c
      )
    },
    { draw in
      let (a, b, c) = (draw.number(2...9), draw.number(3...12), draw.number(2...20))
      return (
        "@ has \(a) bags with \(b) # in each, and \(c) more. How many # does @ have?",
        "\(product(b, a)) \(sum(a * b, c))", a * b + c
      )
    },
    { draw in
      let (pay, price, count) = (draw.number(60...99), draw.number(2...9), draw.number(2...6))
      return (
        "@ pays for \(count) # at \(price) euros each with \(pay) euros. How much does @ get back?",
        "\(product(price, count)) \(difference(pay, price * count))", pay - price * count
      )
    },
  ]
}
