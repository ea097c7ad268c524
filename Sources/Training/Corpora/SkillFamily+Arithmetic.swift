/// The written ways of calculating, a step for each digit.
enum Working {
  /// The digits of a number, the least first.
  static func digits(_ number: Int) -> [Int] {
    var (digits, rest) = ([Int](), number)
    repeat {
      digits.append(rest % 10)
      rest /= 10
    } while rest > 0
    return digits
  }

  /// A sum digit by digit, the least first, with what is carried.
  static func sum(_ a: Int, _ b: Int) -> String {
    let (left, right) = (digits(a), digits(b))
    var (steps, carry) = ([String](), 0)
    for place in 0..<max(left.count, right.count) {
      let parts = [place < left.count ? left[place] : 0, place < right.count ? right[place] : 0]
      let sum = parts[0] + parts[1] + carry
      steps.append("\(parts[0])+\(parts[1])\(carry == 1 ? "+1" : "")=\(sum)")
      carry = sum / 10
    }
    return steps.joined(separator: ", ") + "."
  }

  /// The difference of a number and one that is not greater, with what is borrowed.
  static func difference(_ a: Int, _ b: Int) -> String {
    let (left, right) = (digits(a), digits(b))
    var (steps, borrow) = ([String](), 0)
    for place in left.indices {
      let subtrahend = place < right.count ? right[place] : 0
      let top = left[place] < subtrahend + borrow ? left[place] + 10 : left[place]
      let result = top - subtrahend - borrow
      steps.append("\(top)-\(subtrahend)\(borrow == 1 ? "-1" : "")=\(result)")
      borrow = top > 9 ? 1 : 0
    }
    return steps.joined(separator: ", ") + "."
  }

  /// The product of a number and a digit, with what is carried.
  static func product(_ a: Int, digit: Int) -> String {
    var (steps, carry) = ([String](), 0)
    for part in digits(a) {
      let product = part * digit + carry
      steps.append("\(part)*\(digit)\(carry > 0 ? "+\(carry)" : "")=\(product)")
      carry = product / 10
    }
    return steps.joined(separator: ", ") + "."
  }

  /// The quotient of a number and a digit, the greatest digit first, with what remains.
  static func quotient(_ a: Int, digit: Int) -> String {
    var (steps, rest) = ([String](), 0)
    for part in digits(a).reversed() {
      let number = rest * 10 + part
      steps.append("\(number)/\(digit)=\(number / digit) r \(number % digit)")
      rest = number % digit
    }
    return steps.joined(separator: ", ") + "."
  }

  /// A sum, the steps in front of it.
  static func whole(_ a: Int, plus b: Int) -> String {
    "\(a) + \(b): \(sum(a, b)) \(a) + \(b) = \(a + b)."
  }

  /// A difference, the steps in front of it.
  static func whole(_ a: Int, minus b: Int) -> String {
    "\(a) - \(b): \(difference(a, b)) \(a) - \(b) = \(a - b)."
  }

  /// A product, the steps in front of it: digit by digit, with zeros that are set behind.
  static func whole(_ a: Int, times b: Int) -> String {
    let result = "\(a) * \(b) = \(a * b)."
    var (digit, zeros) = (b, 1)
    while digit % 10 == 0 { (digit, zeros) = (digit / 10, zeros * 10) }
    guard digit > 1 else { return result }
    guard digit < 10 else { return "\(productOfTwo(a, digit)) \(result)" }
    let steps = "\(a) * \(digit): \(product(a, digit: digit))"
    return zeros == 1 ? "\(steps) \(result)" : "\(steps) \(a) * \(digit) = \(a * digit). \(result)"
  }

  /// The steps of a product of a number and one of two digits.
  static func productOfTwo(_ a: Int, _ b: Int) -> String {
    let (ones, tens) = (a * (b % 10), a * (b / 10) * 10)
    return product(a, digit: b % 10) + " " + product(a, digit: b / 10)
      + " \(ones) + \(tens): " + sum(ones, tens)
  }
}

extension SkillFamily {
  private static let asks = [
    "What is #?", "Calculate #.", "How much is #?", "# = ?", "Please work out #.", "Tell me #.",
  ]

  private static func ask(_ task: String, _ draw: inout Draw) -> String {
    draw.pick(asks).replacing("#", with: task)
  }

  /// Sums, differences, products and quotients of whole numbers.
  static let arithmetic = [
    SkillFamily(name: "sums", share: 9) { draw in
      let (a, b) = (draw.number(digits: 4), draw.number(digits: 4))
      return Exercise(
        ask("\(a) + \(b)", &draw), answer: "\(a) + \(b) = \(a + b).",
        key: "sum \(min(a, b)) \(max(a, b))"
      ).worked(Working.sum(a, b), isHard: min(a, b) > 9).checked(.number, "\(a + b)")
    },
    SkillFamily(name: "differences", share: 6) { draw in
      let numbers = [draw.number(digits: 4), draw.number(digits: 4)]
      let (a, b) = (max(numbers[0], numbers[1]), min(numbers[0], numbers[1]))
      return Exercise(
        ask("\(a) - \(b)", &draw), answer: "\(a) - \(b) = \(a - b).", key: "difference \(a) \(b)"
      ).worked(Working.difference(a, b), isHard: b > 9).checked(.number, "\(a - b)")
    },
    SkillFamily(name: "products", share: 6) { draw in
      draw.chance(70) ? productByDigit(&draw) : productOfTwo(&draw)
    },
    SkillFamily(name: "quotients", share: 5) { draw in
      let (a, b) = (draw.number(digits: 3), draw.number(2...9))
      let rest = a % b == 0 ? "" : " remainder \(a % b)"
      return Exercise(
        ask("\(a) / \(b)", &draw), answer: "\(a) / \(b) = \(a / b)\(rest).",
        key: "quotient \(a) \(b)"
      ).worked(Working.quotient(a, digit: b), isHard: a > 99)
    },
  ]

  private static func productByDigit(_ draw: inout Draw) -> Exercise {
    let (a, b) = (draw.number(digits: 3), draw.number(2...9))
    return Exercise(
      ask("\(a) * \(b)", &draw), answer: "\(a) * \(b) = \(a * b).",
      key: "product \(min(a, b)) \(max(a, b))"
    ).worked(Working.product(a, digit: b), isHard: a > 9).checked(.number, "\(a * b)")
  }

  private static func productOfTwo(_ draw: inout Draw) -> Exercise {
    let (a, b) = (draw.number(11...99), draw.number(11...99))
    return Exercise(
      ask("\(a) * \(b)", &draw), answer: "\(a) * \(b) = \(a * b).",
      key: "product \(min(a, b)) \(max(a, b))"
    ).worked(Working.productOfTwo(a, b), isHard: true).checked(.number, "\(a * b)")
  }
}
