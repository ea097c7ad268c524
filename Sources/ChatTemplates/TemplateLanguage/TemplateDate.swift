/// A moment, and how far the clock on the wall is from UTC.
public struct TemplateDate: Sendable, Hashable {
  /// Seconds since 1970 began in UTC.
  public var unixSeconds: Int
  /// Seconds by which the wall clock is ahead of UTC.
  public var offset: Int

  /// Creates a moment.
  public init(unixSeconds: Int, offset: Int = 0) {
    self.unixSeconds = unixSeconds
    self.offset = offset
  }
}

/// A date of the Gregorian calendar with the time of day.
private struct CivilDate {
  let year: Int
  let month: Int
  let day: Int
  /// Days since the year began.
  let dayOfYear: Int
  /// Days since Sunday.
  let weekday: Int
  let hour: Int
  let minute: Int
  let second: Int

  /// The date of a moment, which is clamped to years 0 to 9999.
  init(_ date: TemplateDate) {
    let lowest = -62_167_219_200
    let highest = 253_402_300_799
    let shifted = date.unixSeconds.addingReportingOverflow(date.offset)
    let wall = shifted.overflow ? date.unixSeconds : shifted.partialValue
    let seconds = min(max(wall, lowest), highest) - lowest
    var days = seconds / 86_400
    (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60)
    weekday = (days + 6) % 7
    // Calendars repeat after 400 years, which have 146 097 days.
    var year = days / 146_097 * 400
    days %= 146_097
    while days >= Self.length(ofYear: year) {
      days -= Self.length(ofYear: year)
      year += 1
    }
    self.year = year
    dayOfYear = days
    var month = 0
    while days >= Self.length(ofMonth: month, year) {
      days -= Self.length(ofMonth: month, year)
      month += 1
    }
    self.month = month + 1
    day = days + 1
  }

  private static func isLeap(_ year: Int) -> Bool {
    year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
  }

  private static func length(ofYear year: Int) -> Int { isLeap(year) ? 366 : 365 }

  private static func length(ofMonth month: Int, _ year: Int) -> Int {
    [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
  }
}

extension TemplateDate {
  private static let days = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// The moment in the words of C's `strftime`; `%-` before a letter drops leading zeros.
  func formatted(
    _ format: TemplateString, _ budget: TemplateBudget
  ) throws(TemplateError) -> TemplateString {
    try budget.charge(format.bytes.count)
    let date = CivilDate(self)
    var result = ""
    var rest = Substring(format.text).unicodeScalars
    while let scalar = rest.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      let isBare = rest.first == "-"
      if isBare { rest.removeFirst() }
      guard let letter = rest.popFirst(), let text = text(of: letter, date) else {
        throw budget.fault("strftime_now has no such field")
      }
      let isPadded = isBare && text.utf8.count > 1 && text.utf8.allSatisfy { $0 < 0x3A }
      let bare = text.drop { $0 == "0" || $0 == " " }
      result += isPadded ? (bare.isEmpty ? "0" : String(bare)) : text
      try budget.reserve(bytes: result.utf8.count)
    }
    return TemplateString(result, from: format.source)
  }

  private func text(of letter: Unicode.Scalar, _ date: CivilDate) -> String? {
    let hour = date.hour % 12 == 0 ? 12 : date.hour % 12
    func joined(_ parts: (Int, String)...) -> String {
      parts.map { padded($0.0, 2) + $0.1 }.joined()
    }
    switch letter {
    case "a": return String(Self.days[date.weekday].prefix(3))
    case "A": return Self.days[date.weekday]
    case "b", "h": return String(Self.months[date.month - 1].prefix(3))
    case "B": return Self.months[date.month - 1]
    case "d": return padded(date.day, 2)
    case "e": return padded(date.day, 2, with: " ")
    case "f": return "000000"
    case "H": return padded(date.hour, 2)
    case "I": return padded(hour, 2)
    case "j": return padded(date.dayOfYear + 1, 3)
    case "m": return padded(date.month, 2)
    case "M": return padded(date.minute, 2)
    case "n": return "\n"
    case "p": return date.hour < 12 ? "AM" : "PM"
    case "s": return String(unixSeconds)
    case "S": return padded(date.second, 2)
    case "t": return "\t"
    case "u": return String(date.weekday == 0 ? 7 : date.weekday)
    case "U": return padded((date.dayOfYear + 7 - date.weekday) / 7, 2)
    case "w": return String(date.weekday)
    case "W": return padded((date.dayOfYear + 7 - (date.weekday + 6) % 7) / 7, 2)
    case "y": return padded(date.year % 100, 2)
    case "Y": return String(date.year)
    case "D", "x": return joined((date.month, "/"), (date.day, "/"), (date.year % 100, ""))
    case "F": return "\(date.year)-" + joined((date.month, "-"), (date.day, ""))
    case "R": return joined((date.hour, ":"), (date.minute, ""))
    case "T", "X": return joined((date.hour, ":"), (date.minute, ":"), (date.second, ""))
    case "c":
      let day = "\(Self.days[date.weekday].prefix(3)) \(Self.months[date.month - 1].prefix(3))"
      let time = joined((date.hour, ":"), (date.minute, ":"), (date.second, ""))
      return "\(day) \(padded(date.day, 2, with: " ")) \(time) \(date.year)"
    case "z", "Z": return ""
    case "%": return "%"
    default: return nil
    }
  }

  private func padded(_ number: Int, _ width: Int, with fill: String = "0") -> String {
    let digits = String(number)
    return String(repeating: fill, count: max(0, width - digits.utf8.count)) + digits
  }
}
