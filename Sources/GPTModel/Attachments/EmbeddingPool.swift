import Tokenizers

/// The rows of the attachments that one sequence computes next, in the order of its prompt.
///
/// It cannot be copied and `EmbeddingPool.takeBack` consumes it, so no rows can be given back twice.
package struct EmbeddingLease: ~Copyable {
  /// The first row of each attachment, which names it in the pool.
  fileprivate(set) var first: [Int32] = []

  /// Creates a lease of no rows.
  init() {}

  /// Attachments whose rows it has.
  var count: Int { first.count }

  /// Whether it has the attachment of such a first row.
  func contains(_ name: Int32) -> Bool { first.contains(name) }
}

/// Decides which rows of a store hold which attachments.
///
/// A row is free, or belongs to an attachment. An attachment is held by the sequences that compute its
/// positions next, or kept: held by none, and found again by one that brings the same. Kept ones give
/// their rows to others when free ones run out, least recently used first. An attachment that is being
/// encoded keeps its rows, whoever holds it.
struct EmbeddingPool: Sendable {
  /// Who may share an attachment's rows: what is encoded for one client, no other can find.
  enum Scope: Sendable, Hashable {
    case namespace(CacheNamespace)
    /// What shares nothing has rows of its own.
    case sequence(SequenceID)
  }

  /// What rows hold.
  struct Key: Sendable, Hashable {
    let scope: Scope
    let digest: AttachmentDigest
    /// How many they are; a part of the key, so that no digest can make a sequence read too many.
    let rows: Int

    init(_ place: AttachmentPlace, of id: SequenceID, in namespace: CacheNamespace) {
      scope = namespace == .none ? .sequence(id) : .namespace(namespace)
      digest = place.digest
      rows = place.range.count
    }

    /// Whether others may find it.
    var isShared: Bool { if case .namespace = scope { true } else { false } }
  }

  private struct Entry {
    let key: Key
    let rows: [Int32]
    var holders = 1
    var isReady = false

    var isKept: Bool { holders == 0 && isReady }
  }

  /// Rows there are.
  let count: Int
  private var free: [Int32]
  /// The attachments by their first row.
  private var entries: [Int32: Entry] = [:]
  private var names: [Key: Int32] = [:]
  private var kept: RecencyList
  /// The rows of those kept.
  private var keptRows = 0

  /// Creates a pool of free rows.
  init(count: Int) {
    self.count = count
    free = (0..<Int32(clamping: count)).reversed()
    kept = RecencyList(count: count)
  }

  /// Rows of attachments that sequences hold, or that are being encoded.
  var heldRows: Int { count - free.count - keptRows }

  /// Whether so many rows can be had.
  func hasRoom(_ rows: Int) -> Bool { rows <= free.count + keptRows }

  /// Adds an attachment to a lease, if it is in the pool.
  ///
  /// - Returns: Whether it is.
  mutating func hold(_ key: Key, in lease: inout EmbeddingLease) -> Bool {
    guard let name = names[key], let entry = entries[name] else { return false }
    if entry.isKept {
      kept.remove(name)
      keptRows -= entry.rows.count
    }
    entries[name]?.holders += 1
    lease.first.append(name)
    return true
  }

  /// Adds an attachment that is not in the pool to a lease, to be encoded; there must be room for it.
  ///
  /// - Returns: Its rows.
  mutating func reserve(_ key: Key, in lease: inout EmbeddingLease) -> [Int32] {
    while free.count < key.rows, let oldest = kept.popFirst() {
      keptRows -= entries[oldest]?.rows.count ?? 0
      remove(oldest)
    }
    let rows = Array(free.suffix(key.rows))
    guard rows.count == key.rows, let name = rows.first else { return [] }
    free.removeLast(key.rows)
    entries[name] = Entry(key: key, rows: rows)
    names[key] = name
    lease.first.append(name)
    return rows
  }

  /// Notes that an attachment was encoded.
  ///
  /// - Parameter name: Its first row.
  mutating func finish(_ name: Int32) {
    guard let entry = entries[name], !entry.isReady else { return }
    entries[name]?.isReady = true
    if entry.holders == 0 { keep(name) }
  }

  /// Frees the rows of an attachment that could not be encoded and that no lease has any more.
  mutating func discard(_ name: Int32) {
    if let entry = entries[name], !entry.isReady, entry.holders == 0 { remove(name) }
  }

  /// Whether an attachment of a lease was encoded.
  func isReady(_ index: Int, of lease: borrowing EmbeddingLease) -> Bool {
    index < lease.count && entries[lease.first[index]]?.isReady == true
  }

  /// The rows of an attachment of a lease.
  func rows(_ index: Int, of lease: borrowing EmbeddingLease) -> [Int32] {
    index < lease.count ? entries[lease.first[index]]?.rows ?? [] : []
  }

  /// Gives back the first attachment of a lease.
  mutating func releaseFirst(of lease: inout EmbeddingLease) {
    if lease.count > 0 { release(lease.first.removeFirst()) }
  }

  /// Gives back the last attachment of a lease.
  mutating func releaseLast(of lease: inout EmbeddingLease) {
    if let name = lease.first.popLast() { release(name) }
  }

  /// Ends a lease.
  mutating func takeBack(_ lease: consuming EmbeddingLease) {
    for name in lease.first { release(name) }
  }

  private mutating func release(_ name: Int32) {
    guard let entry = entries[name] else { return }
    entries[name]?.holders -= 1
    // One that is being encoded keeps its rows until that has ended.
    if entry.holders == 1, entry.isReady { keep(name) }
  }

  /// Keeps what nobody holds for who brings the same, if there can be one.
  private mutating func keep(_ name: Int32) {
    guard let entry = entries[name] else { return }
    guard entry.key.isShared else { return remove(name) }
    kept.append(name)
    keptRows += entry.rows.count
  }

  private mutating func remove(_ name: Int32) {
    guard let entry = entries.removeValue(forKey: name) else { return }
    if names[entry.key] == name { names[entry.key] = nil }
    free += entry.rows
  }
}

extension EmbeddingPool {
  /// Says what is wrong with the book-keeping, given the attachments of all leases; nothing when it is
  /// sound.
  func checkInvariants(leases: [[Int32]]) -> [String] {
    var violations: [String] = []
    var holders: [Int32: Int] = [:]
    for name in leases.joined() { holders[name, default: 0] += 1 }
    for (name, entry) in entries {
      if entry.holders != holders.removeValue(forKey: name) ?? 0 {
        violations.append("the holders of the attachment at row \(name) do not match the leases")
      }
      if names[entry.key] != name || entry.rows.first != name || entry.rows.count != entry.key.rows
      {
        violations.append("the attachment at row \(name) is not found by its name")
      }
      if entry.isKept, !entry.key.isShared { violations.append("row \(name) is kept for nobody") }
    }
    if !holders.isEmpty { violations.append("a lease has an attachment that is not there") }
    if names.count != entries.count { violations.append("an attachment is there twice") }
    let keptNames = entries.filter(\.value.isKept).map(\.key)
    if Set(kept.elements) != Set(keptNames) || kept.count != keptNames.count {
      violations.append("attachments are kept that are held, or the other way around")
    }
    if keptNames.reduce(0, { $0 + (entries[$1]?.rows.count ?? 0) }) != keptRows {
      violations.append("the rows of kept attachments are miscounted")
    }
    let rows = free + entries.values.flatMap(\.rows)
    if rows.sorted() != (0..<Int32(clamping: count)).map({ $0 }) {
      violations.append("a row of an attachment is lost, or there twice")
    }
    return violations
  }
}
