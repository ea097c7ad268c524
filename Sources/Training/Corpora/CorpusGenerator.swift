import ChatTemplates

/// Makes up what a small assistant learns from and is examined by: a function of the seed and the sizes.
///
/// A content that is held out by its hash is in no text, dialogue, pair or rehearsal, whatever the wording.
package struct CorpusGenerator: Sendable {
  /// How much is made.
  package struct Sizes: Sendable, Hashable {
    /// Texts to begin with.
    package var texts = 60_000
    /// Dialogues to be tuned with.
    package var dialogues = 60_000
    /// Pairs of a better and a worse answer.
    package var pairs = 4_000
    /// Questions for which answers are rewarded.
    package var rehearsals = 8_000
    /// Questions of each kind that are held out.
    package var questions = 100

    /// Takes the usual numbers.
    package init() {}
  }

  /// What was made.
  package struct Made: Sendable {
    /// Texts to begin with.
    package internal(set) var texts: [String] = []
    /// Dialogues to be tuned with.
    package internal(set) var dialogues: [Dialogue] = []
    /// Pairs of a better and a worse answer.
    package internal(set) var pairs: [PreferencePair] = []
    /// Questions for which answers are rewarded.
    package internal(set) var rehearsals: [Question] = []
    /// Questions that are held out.
    package internal(set) var questions: [Question] = []
    /// Contents that were used for learning.
    var keys: Set<String> = []
  }

  /// Times that one content is repeated in dialogues at most.
  private static let repeats = 20
  /// Of 100 dialogues whose answer must be worked out, those that do without.
  private static let bareShare = 40
  /// Of 100 texts, stories.
  private static let storyShare = 15
  /// Of 100 texts, lists that are said again.
  private static let listShare = 25

  private let seed: UInt64
  private let sizes: Sizes

  /// Names the seed and the sizes.
  package init(seed: UInt64, sizes: Sizes) throws(TrainingError) {
    let all = [sizes.texts, sizes.dialogues, sizes.pairs, sizes.rehearsals, sizes.questions]
    guard all.allSatisfy({ (0...10_000_000).contains($0) }) else {
      throw TrainingError(.configuration, field: "sizes", "\(all) are not in 0...10000000")
    }
    self.seed = seed
    self.sizes = sizes
  }

  /// Makes all of it.
  package func make() throws(TrainingError) -> Made {
    var made = Made()
    var source = try ExerciseSource(seed: seed)
    for number in 0..<sizes.texts { made.texts.append(text(number, &source, &made)) }
    var used: [String: Int] = [:]
    while made.dialogues.count < sizes.dialogues {
      var (exercise, family, draw) = source.next()
      used[exercise.key, default: 0] += 1
      // Kinds with few contents come to an end early.
      if used[exercise.key, default: 0] > Self.repeats, draw.chance(90) { continue }
      if exercise.isHard, draw.chance(Self.bareShare) { exercise.working = "" }
      made.keys.insert(exercise.key)
      made.dialogues.append(
        Dialogue(
          exercise.messages + [ChatMessage(role: "assistant", content: exercise.fullAnswer)],
          family: family))
    }
    while made.pairs.count < sizes.pairs {
      if let pair = pair(&source, &made) { made.pairs.append(pair) }
    }
    for _ in 0..<sizes.rehearsals {
      let (exercise, family, _) = source.next()
      made.keys.insert(exercise.key)
      made.rehearsals.append(exercise.question(family))
    }
    made.questions = try examination()
    return made
  }

  /// A story, a list that is said again, or some exercises told one after the other.
  private func text(
    _ number: Int, _ source: inout ExerciseSource, _ made: inout Made
  ) -> String {
    var draw = Draw(seed: seed &+ 1, number: number)
    switch draw.below(100) {
    case ..<Self.storyShare: return Stories.make(&draw)
    case ..<(Self.storyShare + Self.listShare): return Lists.make(&draw)
    default: break
    }
    var told: [String] = []
    for _ in 0...draw.below(3) {
      let (exercise, _, _) = source.next()
      made.keys.insert(exercise.key)
      told.append(
        (exercise.messages.map(\.content) + [exercise.fullAnswer]).joined(separator: " "))
    }
    return told.joined(separator: "\n")
  }

  /// An exercise worked out, and an answer to it that is wrong; nil where the kind has no such answers.
  private func pair(
    _ source: inout ExerciseSource, _ made: inout Made
  ) -> PreferencePair? {
    var (exercise, family, draw) = source.next()
    guard let wrong = source.wrongAnswer(to: exercise, family: family, &draw) else { return nil }
    made.keys.insert(exercise.key)
    return PreferencePair(
      prompt: exercise.messages, chosen: exercise.fullAnswer, rejected: wrong)
  }

  /// As many questions of each kind, all of them held out.
  private func examination() throws(TrainingError) -> [Question] {
    var questions: [Question] = []
    for (place, family) in SkillFamily.all.enumerated() {
      var seen: Set<String> = []
      var number = 0
      let most = 400 * sizes.questions
      while seen.count < sizes.questions, number < most {
        var draw = Draw(seed: seed &+ 2, number: place << 32 + number)
        number += 1
        let exercise = family.make(&draw)
        guard HeldOut.contains(exercise.key), seen.insert(exercise.key).inserted else { continue }
        questions.append(exercise.question(family.name))
      }
    }
    return questions
  }
}

/// Exercises of all kinds in their shares, none of them held out.
struct ExerciseSource {
  private let seed: UInt64
  private var mixture: Mixture
  private var number = 0

  init(seed: UInt64) throws(TrainingError) {
    self.seed = seed
    mixture = try Mixture(weights: SkillFamily.all.map(\.share))
  }

  /// The next one, its kind, and the draws that go on from it.
  mutating func next() -> (Exercise, family: String, Draw) {
    let family = SkillFamily.all[mixture.next()]
    while true {
      var draw = Draw(seed: seed, number: number)
      number += 1
      let exercise = family.make(&draw)
      if !HeldOut.contains(exercise.key) { return (exercise, family.name, draw) }
    }
  }

  /// An answer of the same form that is wrong: a number nearby, or the answer to another question.
  mutating func wrongAnswer(
    to exercise: Exercise, family: String, _ draw: inout Draw
  ) -> String? {
    guard let kind = SkillFamily.all.first(where: { $0.name == family }) else { return nil }
    if exercise.check == .number, let right = Int(exercise.right) {
      let distance = draw.pick([1, 2, 9, 10, 11, 100])
      let wrong = draw.chance(50) || right < distance ? right + distance : right - distance
      let changed = exercise.answer.replacing("\(right).", with: "\(wrong).")
      if changed != exercise.answer { return changed }
    }
    // Of some other answers the one that is most like the right one.
    let words = Set(exercise.answer.split(separator: " "))
    var (best, most) = (nil as String?, -1)
    for _ in 0..<16 {
      let other = kind.make(&draw).answer
      guard !exercise.check.accepts(other, as: exercise.right) else { continue }
      let common = words.intersection(other.split(separator: " ")).count
      if common > most { (best, most) = (other, common) }
    }
    return best
  }
}

extension Exercise {
  /// The question of an exercise.
  fileprivate func question(_ family: String) -> Question {
    Question(Dialogue(messages, family: family), check: check, answer: right)
  }
}
