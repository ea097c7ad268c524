extension SkillFamily {
  /// Days, dates, the clock, units, and numbers in order.
  static let calendar = [
    SkillFamily(name: "days", share: 3, make: day),
    SkillFamily(name: "dates", share: 4, make: date),
    SkillFamily(name: "clock", share: 3, make: clock),
    SkillFamily(name: "units", share: 2, make: unit),
    SkillFamily(name: "order", share: 2, make: order),
  ]

  private static func day(_ draw: inout Draw) -> Exercise {
    let (start, count) = (draw.below(7), draw.number(1...60))
    let rest = count % 7
    let days = (0...rest).map { Words.days[(start + $0) % 7] }
    let steps =
      (count > 6 ? "\(Working.quotient(count, digit: 7)) " : "")
      + days.enumerated().map { "\($0.element) \($0.offset)" }.joined(separator: ", ") + "."
    let question = draw.pick([
      "What day is \(count) days after \(Words.days[start])?",
      "Today is \(Words.days[start]). Which day is it in \(count) days?",
      "It is \(Words.days[start]). What day will it be \(count) days from now?",
    ])
    return Exercise(
      question, answer: "It is \(days[rest]).", key: "day \(start) \(count)"
    ).worked(steps, isHard: count > 6)
  }

  private static func length(month: Int, year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 1 ? (isLeap ? 29 : 28) : [3, 5, 8, 10].contains(month) ? 30 : 31
  }

  private static func date(_ draw: inout Draw) -> Exercise {
    let (year, month) = (draw.number(1990...2039), draw.below(12))
    let length = length(month: month, year: year)
    let (day, count) = (draw.number(1...length), draw.number(2...27))
    let sum = day + count
    var steps =
      "\(Words.months[month]) \(year) has \(length) days. \(Working.whole(day, plus: count))"
    var (newDay, newMonth, newYear) = (sum, month, year)
    if sum > length {
      steps += " \(Working.whole(sum, minus: length))"
      (newDay, newMonth) = (sum - length, (month + 1) % 12)
      newYear = month == 11 ? year + 1 : year
    }
    let from = "\(day) \(Words.months[month]) \(year)"
    let question = draw.pick([
      "What date is \(count) days after \(from)?", "Which date is it \(count) days after \(from)?",
      "Today is \(from). What is the date in \(count) days?",
    ])
    return Exercise(
      question, answer: "It is \(newDay) \(Words.months[newMonth]) \(newYear).",
      key: "date \(day) \(month) \(year) \(count)"
    ).worked(steps, isHard: true)
  }

  private static func time(_ minutes: Int) -> String {
    let minute = minutes % 60
    return "\(minutes / 60 % 24):\(minute < 10 ? "0" : "")\(minute)"
  }

  private static func clock(_ draw: inout Draw) -> Exercise {
    let (start, count) = (draw.below(22 * 60), draw.number(2...75))
    let sum = start % 60 + count
    var steps = Working.whole(start % 60, plus: count)
    if sum >= 60 {
      let hours = sum / 60
      steps +=
        " \(Working.whole(sum, minus: hours * 60)) \(start / 60) + \(hours) = \(start / 60 + hours)."
    }
    let question = draw.pick([
      "What time is \(count) minutes after \(time(start))?",
      "It is \(time(start)). What time is it in \(count) minutes?",
      "A train leaves at \(time(start)) and takes \(count) minutes. When does it arrive?",
    ])
    return Exercise(
      question, answer: "At \(time(start + count)).", key: "clock \(start) \(count)"
    ).worked(steps, isHard: true)
  }

  private static let unitTable = [
    ("minutes", "hours", 60), ("seconds", "minutes", 60), ("hours", "days", 24),
    ("days", "weeks", 7), ("months", "years", 12), ("centimetres", "metres", 100),
    ("metres", "kilometres", 1000), ("grams", "kilograms", 1000),
  ]

  private static func unit(_ draw: inout Draw) -> Exercise {
    let (small, large, factor) = draw.pick(unitTable)
    let count = draw.number(2...40)
    let question = draw.pick([
      "How many \(small) are \(count) \(large)?", "What are \(count) \(large) in \(small)?",
    ])
    return Exercise(
      question, answer: "\(count) \(large) are \(count * factor) \(small).",
      key: "unit \(small) \(large) \(count)"
    ).worked(Working.whole(count, times: factor)).checked(.number, "\(count * factor)")
  }

  private static func order(_ draw: inout Draw) -> Exercise {
    var numbers: [Int] = []
    while numbers.count < 3 {
      let number = draw.number(digits: 3)
      if !numbers.contains(number) { numbers.append(number) }
    }
    let sorted = numbers.sorted()
    func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
    let key = "order \(list(sorted))"
    switch draw.below(3) {
    case 0:
      return Exercise(
        "Put \(list(numbers)) in order, the smallest first.", answer: "\(list(sorted)).", key: key)
    case 1:
      return Exercise(
        "Which is the largest of \(list(numbers))?", answer: "The largest is \(sorted[2]).",
        key: key
      ).worked("In order: \(list(sorted)).")
    default:
      return Exercise(
        "Which is the smallest of \(list(numbers))?", answer: "The smallest is \(sorted[0]).",
        key: key
      ).worked("In order: \(list(sorted)).")
    }
  }
}
