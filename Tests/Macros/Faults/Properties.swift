import ApusKit

@Generable struct Properties {
  var count = 3
  let fixed: Int = 3
  lazy var later: Int = 3
  var (left, right): (Int, Int)
  @Guide(description: "One") @Guide(.range(1...5)) var twice: Int
}
