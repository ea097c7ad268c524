import CKernels

/// Where keys and values lie in a page of one layer: for each head keys `[D, B]`, values `[B, D]`.
public struct PageLayout: Sendable, Hashable {
  /// B, the positions of a page.
  public static let positions = Int(APUS_PAGE)

  /// G.
  public let keyValueHeads: Int
  /// D, a multiple of 16 up to 256.
  public let headLength: Int
  /// The 16-bit elements of one layer's page: G * 2 * D * B.
  public let elementsPerPage: Int

  /// Checks the sizes.
  public init(keyValueHeads: Int, headLength: Int) throws(TensorError) {
    guard keyValueHeads > 0, headLength > 0, headLength <= 256, headLength.isMultiple(of: 16) else {
      throw TensorError(
        .shape, "page layout", expected: "heads, of a length that is a multiple of 16 up to 256",
        given: "\(keyValueHeads) heads of length \(headLength)")
    }
    self.keyValueHeads = keyValueHeads
    self.headLength = headLength
    elementsPerPage = try Shape.product(
      keyValueHeads, 2, headLength, Self.positions, of: "page layout")
  }

  /// The elements before a head's part.
  public func offset(ofHead head: Int) -> Int {
    precondition(head >= 0 && head < keyValueHeads, "no such key-value head")
    return head * 2 * headLength * Self.positions
  }

  /// The pages that a number of positions needs.
  public static func pages(for positions: Int) -> Int {
    positions / Self.positions + (positions.isMultiple(of: Self.positions) ? 0 : 1)
  }
}

/// The keys and values of one layer, for all pages of a pool.
// Unchecked: a view; the pool of threads orders the accesses.
public struct LayerPages: @unchecked Sendable {
  /// This layer's part of page 0; bfloat16 patterns.
  public let base: UnsafeMutablePointer<UInt16>
  /// The elements from a page to the next, `elementsPerPage` for one layer alone.
  public let stride: Int
  /// How a page is laid out.
  public let layout: PageLayout

  /// Creates a view.
  public init(base: UnsafeMutablePointer<UInt16>, stride: Int, layout: PageLayout) {
    self.base = base
    self.stride = stride
    self.layout = layout
  }

  /// Writes the key and the value `[D]` of one head at a slot of a page, rounded to bfloat16.
  public func append(
    key: UnsafePointer<Float>, value: UnsafePointer<Float>, head: Int,
    at place: (page: Int, slot: Int), using processor: Processor
  ) {
    precondition(place.slot >= 0 && place.slot < PageLayout.positions, "no such slot")
    processor.kernels.pointee.append_position(
      key, value, base + place.page * stride + layout.offset(ofHead: head), layout.headLength,
      place.slot)
  }
}
