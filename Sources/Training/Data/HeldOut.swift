import Platform

/// Which documents are kept from training, by their content alone: wherever a document comes from, and however
/// often, it is on the same side.
package enum HeldOut {
  /// Of 256 first bytes of a hash, those below this are held out: 5 %.
  private static let limit: UInt8 = 13

  /// Whether a content is held out.
  package static func contains(_ content: String) -> Bool {
    SHA256.hash(content.utf8)[0] < limit
  }
}
