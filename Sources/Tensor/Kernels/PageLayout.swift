import CKernels

/// Where keys and values lie in a page of one layer: for each head keys `[D/2, B, 2]`, values
/// `[B/2, D, 2]`, and where the format has them the scales of keys `[B]` and of values `[B]`; with
/// float32 keys `[D, B]` and values `[B, D]`.
public struct PageLayout: Sendable, Hashable {
  /// B, the positions of a page.
  public static let positions = Int(APUS_PAGE)

  /// G.
  public let keyValueHeads: Int
  /// D, a multiple of 16 up to 256.
  public let headLength: Int
  /// How the numbers are kept.
  public let format: CacheFormat
  /// The bytes of one layer's page, a multiple of 64.
  public let bytesPerPage: Int
  /// The bytes of one head's part.
  let bytesPerHead: Int

  /// Checks the sizes.
  public init(keyValueHeads: Int, headLength: Int, format: CacheFormat) throws(TensorError) {
    guard keyValueHeads > 0, headLength > 0, headLength <= 256, headLength.isMultiple(of: 16) else {
      throw TensorError(
        .shape, "page layout", expected: "heads, of a length that is a multiple of 16 up to 256",
        given: "\(keyValueHeads) heads of length \(headLength)")
    }
    self.keyValueHeads = keyValueHeads
    self.headLength = headLength
    self.format = format
    bytesPerHead = apus_page_part_bytes(format.kernelFormat, headLength)
    bytesPerPage = try Shape.product(keyValueHeads, bytesPerHead, of: "page layout")
  }

  /// The bytes before a head's part.
  public func offset(ofHead head: Int) -> Int {
    precondition(head >= 0 && head < keyValueHeads, "no such key-value head")
    return head * bytesPerHead
  }

  /// The pages that a number of positions needs.
  public static func pages(for positions: Int) -> Int {
    positions / Self.positions + (positions.isMultiple(of: Self.positions) ? 0 : 1)
  }
}

/// The keys and values of one layer, for all pages of a pool.
// Unchecked: a view; the pool of threads orders the accesses.
public struct LayerPages: @unchecked Sendable {
  /// This layer's part of page 0.
  public let base: UnsafeMutablePointer<UInt8>
  /// The bytes from a page to the next, `bytesPerPage` for one layer alone.
  public let stride: Int
  /// How a page is laid out.
  public let layout: PageLayout

  /// Creates a view.
  public init(base: UnsafeMutablePointer<UInt8>, stride: Int, layout: PageLayout) {
    self.base = base
    self.stride = stride
    self.layout = layout
  }

  /// Writes the key and the value `[D]` of one head at a slot of a page, rounded to the format.
  public func append(
    key: UnsafePointer<Float>, value: UnsafePointer<Float>, head: Int,
    at place: (page: Int, slot: Int), using processor: Processor
  ) {
    precondition(place.slot >= 0 && place.slot < PageLayout.positions, "no such slot")
    let part = apus_page_part(
      bytes: base + place.page * stride + layout.offset(ofHead: head),
      format: layout.format.kernelFormat, head_length: UInt32(layout.headLength))
    processor.kernels.pointee.append_position(key, value, part, place.slot)
  }
}
