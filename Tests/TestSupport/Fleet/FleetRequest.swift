import GPTModel

/// One request of a trace: when it comes, how its prompt begins, and how long it is.
package struct FleetRequest: Sendable, Hashable {
  /// Tokens of a block, by which traces tell what prompts have in common.
  package static let blockTokens = 512

  /// Seconds since the beginning.
  package var arrival: Double
  /// The blocks of the prompt in order; equal ones at the beginning are equal tokens.
  package var blocks: [Int]
  /// Tokens of the prompt, at least one.
  package var promptTokens: Int
  /// Tokens of the answer, at least one.
  package var answerTokens: Int

  /// Describes a request.
  package init(arrival: Double, blocks: [Int], promptTokens: Int, answerTokens: Int) {
    self.arrival = arrival
    self.blocks = blocks
    self.promptTokens = max(1, promptTokens)
    self.answerTokens = max(1, answerTokens)
  }

  /// The tokens of the prompt, up to a limit: equal for equal blocks.
  func tokens(limit: Int) -> [Token] {
    (0..<min(promptTokens, limit)).map { position in
      let place = position / Self.blockTokens
      // What no block names is nobody else's.
      let block = place < blocks.count ? blocks[place] : -1 - Int(arrival * 1000)
      var generator = SeededGenerator(seed: UInt64(truncatingIfNeeded: block) &* 0x2545_F491)
      let bits = generator.next() &+ UInt64(position % Self.blockTokens) &* 0x9E37_79B9
      return Token(truncatingIfNeeded: bits & 0x7FFF_FFFF)
    }
  }
}

/// Requests in order of arrival, from a file or made up.
package enum FleetTrace {
  /// Reads Mooncake's format: an object a line with `timestamp` in milliseconds, `input_length`,
  /// `output_length` and `hash_ids`; or Azure's: a line for each request with the time of day, and the
  /// tokens of prompt and answer. Lines of neither kind are left out.
  package static func parse(_ text: String) -> [FleetRequest] {
    let lines = text.split(separator: "\n")
    let requests = lines.enumerated().compactMap { number, line in
      line.hasPrefix("{") ? mooncake(line) : azure(line, number: number)
    }
    let first = requests.map(\.arrival).min() ?? 0
    return requests.map { request in
      var request = request
      request.arrival -= first
      return request
    }.sorted { $0.arrival < $1.arrival }
  }

  private static func mooncake(_ line: Substring) -> FleetRequest? {
    guard case .object(let members)? = try? JSONValue(parsing: Array(line.utf8)),
      let time = members["timestamp"]?.wholeNumber,
      let prompt = members["input_length"]?.wholeNumber,
      let answer = members["output_length"]?.wholeNumber,
      case .array(let ids)? = members["hash_ids"]
    else { return nil }
    return FleetRequest(
      arrival: Double(time) / 1000, blocks: ids.compactMap(\.wholeNumber), promptTokens: prompt,
      answerTokens: answer)
  }

  private static func azure(_ line: Substring, number: Int) -> FleetRequest? {
    let fields = line.split(separator: ",")
    guard fields.count == 3, let prompt = Int(fields[1]),
      let answer = Int(fields[2].prefix { $0.isNumber }),
      let clock = fields[0].split(separator: " ").last
    else { return nil }
    let parts = clock.split(separator: ":").compactMap { Double($0) }
    guard parts.count == 3 else { return nil }
    let blocks = 0..<((max(prompt, 1) - 1) / FleetRequest.blockTokens + 1)
    return FleetRequest(
      arrival: parts[0] * 3600 + parts[1] * 60 + parts[2],
      blocks: blocks.map { number << 16 | $0 }, promptTokens: prompt, answerTokens: answer)
  }

  /// How people come and talk, for a trace that is made up.
  package struct Sessions: Sendable {
    /// Conversations that begin in a second, in the mean over a day.
    package var rate = 1.0
    /// Seconds in which they begin.
    package var duration = 3600.0
    /// How much more than the mean begin at the busiest hour of a day, as a share.
    package var dailySwing = 0.6
    /// Different texts of the system; conversations with the same one begin alike.
    package var applications = 20
    /// Turns of a conversation, in the mean.
    package var turns = 4.0
    /// Seconds between an answer and the next question, in the mean.
    package var thinkTime = 60.0
    /// Tokens of the system's text, of a question, and of an answer, in the mean.
    package var lengths = (system: 1024, question: 300, answer: 200)

    /// Creates the defaults.
    package init() {}
  }

  /// Makes up conversations in turns, each of which sends all that was said before.
  package static func sessions(_ settings: Sessions, seed: UInt64) -> [FleetRequest] {
    var generator = SeededGenerator(seed: seed)
    var (requests, time, next): ([FleetRequest], Double, Int) = ([], 0, settings.applications << 20)
    let peak = settings.rate * (1 + settings.dailySwing)
    while peak > 0 {
      time += generator.exponential(mean: 1 / peak)
      guard time < settings.duration else { break }
      let share = 1 - settings.dailySwing * cosine(ofDay: time / 86_400)
      guard generator.unit() * (1 + settings.dailySwing) < share else { continue }
      add(settings, at: time, number: &next, to: &requests, &generator)
    }
    return requests.sorted { $0.arrival < $1.arrival }
  }

  private static func add(
    _ settings: Sessions, at begin: Double, number: inout Int, to requests: inout [FleetRequest],
    _ generator: inout SeededGenerator
  ) {
    let application = generator.below(max(1, settings.applications))
    let systemBlocks = settings.lengths.system / FleetRequest.blockTokens
    var (time, length) = (begin, settings.lengths.system)
    var blocks = (0..<systemBlocks).map { application << 8 | $0 }
    repeat {
      length += 1 + Int(generator.exponential(mean: Double(settings.lengths.question)))
      let answer = 1 + Int(generator.exponential(mean: Double(settings.lengths.answer)))
      while blocks.count * FleetRequest.blockTokens < length {
        blocks.append(number)
        number += 1
      }
      requests.append(
        FleetRequest(arrival: time, blocks: blocks, promptTokens: length, answerTokens: answer))
      length += answer
      time += generator.exponential(mean: settings.thinkTime)
    } while generator.unit() > 1 / max(1, settings.turns)
  }

  /// A cosine by its series, so that it is the same number on every machine; 1 at midnight.
  private static func cosine(ofDay day: Double) -> Double {
    let turn = day - day.rounded(.down) - 0.5
    let square = turn * turn * 4 * Double.pi * Double.pi
    var (term, sum) = (1.0, 1.0)
    for index in stride(from: 2.0, through: 24, by: 2) {
      term *= -square / (index * (index - 1))
      sum += term
    }
    // Half a turn off.
    return -sum
  }
}

extension SeededGenerator {
  /// A number from 0 up to 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number that is distributed exponentially.
  mutating func exponential(mean: Double) -> Double { -mean * logarithm(1 - unit()) }

  /// The natural logarithm by its series, so that it is the same number on every machine.
  private func logarithm(_ value: Double) -> Double {
    let (power, fraction) = (Double(value.exponent), value.significand)
    let ratio = (fraction - 1) / (fraction + 1)
    var (term, sum) = (ratio, 0.0)
    for odd in stride(from: 1.0, through: 41, by: 2) {
      sum += term / odd
      term *= ratio * ratio
    }
    return 2 * sum + power * 0.693_147_180_559_945_3
  }
}

extension JSONValue {
  /// The value where it is a whole number.
  fileprivate var wholeNumber: Int? {
    switch self {
    case .integer(let number): Int(exactly: number)
    case .number(let number): Int(exactly: number)
    default: nil
    }
  }
}
