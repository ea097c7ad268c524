import JSON
import Tensor

/// The files of matrices of low rank that are added to those of a model: a folder as PEFT writes it, or a GGUF
/// file.
///
/// Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021: W + s B A.
package struct AdapterFiles: Sendable {
  /// How files order what they keep.
  package enum Form: Sendable {
    /// As a model's authors do.
    case folder
    /// As llama.cpp does.
    case gguf
  }

  /// The product that is added to one matrix of the files.
  package struct Product: Sendable {
    /// The name of the matrix, without what stands behind it.
    package let name: String
    /// A, [r, K].
    package let down: AdapterFactor
    /// B, [N, r].
    package let up: AdapterFactor
    /// The factor s on the product.
    package let scale: Float
  }

  /// How the files order what they keep.
  package let form: Form
  /// The products, in the order of their names.
  package let products: [Product]
  /// What the files are called.
  package let name: String

  /// Elements that a factor may have.
  private static let mostElements = 1 << 30
  /// The greatest rank.
  private static let mostRank = 4096

  /// Reads all of a folder or a GGUF file.
  package init(path: String) throws(ModelError) {
    let folder = DiskFolder(path: path)
    name = folder.name.hasSuffix(".gguf") ? String(folder.name.dropLast(5)) : folder.name
    if try folder.open(PEFTFolder.configuration) != nil {
      (form, products) = (.folder, try PEFTFolder.products(in: folder))
    } else if RegularFile.exists(path) {
      (form, products) = (.gguf, try GGUFAdapter.products(in: RegularFile(path: path)))
    } else {
      throw ModelError(
        .missing, field: path,
        "neither a GGUF file nor a folder with \(PEFTFolder.configuration) is there")
    }
  }

  /// Reads a folder.
  package init(_ folder: some ModelFolder) throws(ModelError) {
    (form, name, products) = (.folder, folder.name, try PEFTFolder.products(in: folder))
  }

  /// Reads a GGUF file from any source of bytes.
  package init(_ source: any ByteSource) throws(ModelError) {
    (form, name, products) = (.gguf, "memory", try GGUFAdapter.products(in: source))
  }

  /// Puts the factors of each matrix together.
  ///
  /// - Parameter scale: The factor on a product by the matrix's name and the rank.
  static func paired(
    downs: [String: AdapterFactor], ups: [String: AdapterFactor],
    scale: (String, Int) throws(ModelError) -> Double
  ) throws(ModelError) -> [Product] {
    guard !downs.isEmpty else {
      throw ModelError(.missing, field: "lora_A", "the files have no matrix of an adapter")
    }
    for name in ups.keys where downs[name] == nil {
      throw ModelError(.missing, field: name, "there is a factor B without its A")
    }
    var products: [Product] = []
    for (name, down) in downs.sorted(by: { $0.key < $1.key }) {
      guard let up = ups[name] else {
        throw ModelError(.missing, field: name, "there is a factor A without its B")
      }
      guard down.rows == up.columns, (1...Self.mostRank).contains(down.rows) else {
        throw ModelError(
          .invalid, field: name,
          "A has \(down.rows) rows and B \(up.columns) columns; both must be the rank, at most"
            + " \(Self.mostRank)")
      }
      let factor = Float(try scale(name, down.rows))
      guard factor.isFinite else {
        throw ModelError(.notFinite, field: name, "the factor on the product is not finite")
      }
      products.append(Product(name: name, down: down, up: up, scale: factor))
    }
    return products
  }
}

/// A factor of a matrix of low rank.
package struct AdapterFactor: Sendable {
  /// Rows.
  package let rows: Int
  /// Columns.
  package let columns: Int
  /// The values, row after row, all of them finite.
  package let values: [Float]

  /// Reads a factor.
  ///
  /// - Parameter dimensions: The lengths, the fastest-running first.
  init(
    _ name: String, dimensions: [Int], format: any WeightFormat.Type, at range: Range<UInt64>,
    in source: any ByteSource
  ) throws(ModelError) {
    guard dimensions.count == 2, dimensions[0] > 0, dimensions[1] > 0 else {
      throw ModelError(.unsupported, field: name, "only matrices are supported, not \(dimensions)")
    }
    let (count, overflow) = dimensions[0].multipliedReportingOverflow(by: dimensions[1])
    guard !overflow, dimensions[0].isMultiple(of: format.blockLength) else {
      throw ModelError(.invalid, field: name, "\(dimensions) are no whole blocks of values")
    }
    (columns, rows) = (dimensions[0], dimensions[1])
    let buffer = try LoadBuffer(byteCount: range.count, field: name)
    if let error = source.fill(buffer.bytes, at: range.lowerBound, field: name) { throw error }
    var values = [Float](repeating: 0, count: count)
    values.withUnsafeMutableBufferPointer {
      format.decode(UnsafeRawBufferPointer(buffer.bytes), into: $0)
    }
    guard values.allSatisfy(\.isFinite) else {
      throw ModelError(.notFinite, field: name, "a value is NaN or infinite")
    }
    self.values = values
  }

  /// Takes values, row after row.
  init(rows: Int, columns: Int, values: [Float]) {
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }
}
