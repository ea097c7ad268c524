import Testing

@testable import Tensor

@Suite("Processor")
struct ProcessorTests {
  @Test("The plain kernels run everywhere, and the best are taken unless limited")
  func best() throws {
    #expect(Processor.available.first == .scalar)
    #expect(try Processor().instructionSet == Processor.available.last)
    for set in Processor.available { #expect(try Processor(limit: set).instructionSet == set) }
  }

  @Test("A set that this machine lacks is an error that lists what there is")
  func unavailable() {
    for set in InstructionSet.allCases where !Processor.available.contains(set) {
      let error = #expect(throws: TensorError.self) { _ = try Processor(limit: set) }
      #expect(error?.given == set.rawValue)
      #expect(error?.expected.contains("scalar") == true)
    }
  }
}
