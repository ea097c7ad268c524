/// Decides how many rows of prompts a step may take, so that tokens being written do not wait long.
///
/// It learns from the steps that ran: what a step costs without prompts, and what each row of a prompt
/// adds; before it knows, it takes few. Where nobody waits for a token, steps may be longer; not without
/// limit, for they cannot be interrupted when their request is cancelled.
package struct StepBudget: Sendable {
  /// The longest that a step should take, in seconds.
  package let target: Double
  /// Rows of a step at most, T.
  package let maximumRows: Int
  /// Seconds of a step that only writes tokens.
  private var writing = 0.0
  /// Seconds that a row of a prompt adds; zero while no prompt was read.
  private var perRow = 0.0
  /// The weight of the newest step in the averages.
  private static let newest = 0.2
  /// How much longer than the target a step may take while nobody waits for a token.
  private static let alone = 3.0
  /// How many times the average the newest step may count at most: a machine that slept or was held up
  /// says nothing about the steps to come.
  private static let most = 4.0
  /// Prompts advance by whole multiples of this.
  package static let granule = 16

  /// Creates a budget that has seen no step.
  package init(target: Double, maximumRows: Int) {
    self.target = target
    self.maximumRows = maximumRows
  }

  /// Seconds that a row of a prompt adds; zero while no prompt was read.
  package var secondsPerPromptRow: Double { perRow }

  /// Rows of prompts that the next step may take beside `writing` rows of tokens being written.
  package func promptRows(beside writing: Int) -> Int {
    let room = max(0, maximumRows - writing)
    guard perRow > 0 else { return min(room, Self.granule * 4) }
    let seconds = writing > 0 ? target - self.writing : Self.alone * target
    // At least one granule, or a prompt would never be read while others write.
    let affordable = max(seconds / perRow, Double(Self.granule))
    guard affordable < Double(room) else { return room }
    return Int(affordable) / Self.granule * Self.granule
  }

  /// Notes what a step took.
  package mutating func observe(writing rows: Int, promptRows: Int, seconds: Double) {
    guard seconds > 0, seconds.isFinite else { return }
    if promptRows == 0 {
      writing = average(writing, seconds)
    } else {
      perRow = average(perRow, max(0, seconds - (rows > 0 ? writing : 0)) / Double(promptRows))
    }
  }

  private func average(_ old: Double, _ new: Double) -> Double {
    old == 0 ? new : old + Self.newest * (min(new, Self.most * old) - old)
  }
}
