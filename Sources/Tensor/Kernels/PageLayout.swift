import CKernels

/// Where keys and values lie in a page of one layer: for each head keys `[D/2, B, 2]`, values
/// `[B/2, D, 2]`, and where the format has them the scales of keys `[B]` and of values `[B]`; with
/// float32 keys `[D, B]` and values `[B, D]`. Where values are the first elements of keys, the keys alone
/// and their scales.
public struct PageLayout: Sendable, Hashable {
  /// B, the positions of a page.
  public static let positions = Int(APUS_PAGE)

  /// G.
  public let keyValueHeads: Int
  /// D, a multiple of 16 up to 1024.
  public let headLength: Int
  /// The first elements of a key that are its value too, a multiple of 16; nil where values of D are kept
  /// apart.
  public let latentLength: Int?
  /// How the numbers are kept.
  public let format: CacheFormat
  /// The bytes of one layer's page, a multiple of 64.
  public let bytesPerPage: Int
  /// The bytes of one head's part.
  let bytesPerHead: Int

  /// Checks the sizes.
  public init(
    keyValueHeads: Int, headLength: Int, latentLength: Int? = nil, format: CacheFormat
  ) throws(TensorError) {
    func isLength(_ length: Int) -> Bool {
      (16...Self.longestHead).contains(length) && length.isMultiple(of: 16)
    }
    guard keyValueHeads > 0, isLength(headLength),
      latentLength.map({ isLength($0) && $0 <= headLength }) ?? true
    else {
      let latent = latentLength.map { ", the first \($0) elements their values" } ?? ""
      throw TensorError(
        .shape, "page layout",
        expected: "heads, of a length that is a multiple of 16 up to \(Self.longestHead)",
        given: "\(keyValueHeads) heads of length \(headLength)\(latent)")
    }
    self.keyValueHeads = keyValueHeads
    self.headLength = headLength
    self.latentLength = latentLength
    self.format = format
    bytesPerHead = apus_page_part_bytes(format.kernelFormat, headLength, latentLength ?? 0)
    bytesPerPage = try Shape.product(keyValueHeads, bytesPerHead, of: "page layout")
  }

  /// The largest D.
  private static let longestHead = 1024

  /// The length of a value.
  public var valueLength: Int { latentLength ?? headLength }

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

  /// Writes the key and the value `[D]` of one head at a slot of a page, rounded to the format; the value
  /// is not read where it is a part of the key.
  public func append(
    key: UnsafePointer<Float>, value: UnsafePointer<Float>, head: Int,
    at place: (page: Int, slot: Int), using processor: Processor
  ) {
    precondition(place.slot >= 0 && place.slot < PageLayout.positions, "no such slot")
    let part = apus_page_part(
      bytes: base + place.page * stride + layout.offset(ofHead: head),
      format: layout.format.kernelFormat, head_length: UInt32(layout.headLength),
      latent_length: UInt32(layout.latentLength ?? 0))
    processor.kernels.pointee.append_position(key, value, part, place.slot)
  }
}
