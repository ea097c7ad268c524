import Foundation
import Testing

@Suite("Descriptions of architectures")
struct DescriptionLengthTests {
  private static let folder = Models.root.appending(path: "Sources/GPTModel/Architectures")

  /// What descriptions have whose layers are of several kinds, such as attention and recurrent states, with
  /// keys of their own and of others, or that see chunks and all; they may take more lines.
  private static let kindsOfLayers = [
    "recurrent", "stateSpace", "mamba", "convolution", "latent", "sharedLayers",
    "isChunked",
  ]

  @Test("A description has at most 80 lines, one of several kinds of layers 150")
  func lines() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".swift") }
    #expect(files.count > 35)
    for file in files {
      let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
      let isHybrid = Self.kindsOfLayers.contains { text.localizedCaseInsensitiveContains($0) }
      let count = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
      #expect(count <= (isHybrid ? 150 : 80), "\(file): \(count) lines")
    }
  }
}
