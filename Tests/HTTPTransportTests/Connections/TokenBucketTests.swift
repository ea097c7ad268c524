import NIOCore
import Testing

@testable import HTTPTransport

@Suite("Stores of events")
struct TokenBucketTests {
  private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

  private func bucket(most: Int? = nil) -> TokenBucket {
    TokenBucket(100, per: .seconds(30), most: most)
  }

  private func taken(_ bucket: inout TokenBucket, tries: Int, at now: NIODeadline) -> Int {
    (0..<tries).count { _ in bucket.take(at: now) == nil }
  }

  @Test("A hundred events at once are fine, and one more has to wait")
  func limit() {
    var bucket = bucket()
    #expect(taken(&bucket, tries: 100, at: start) == 100)
    #expect(bucket.take(at: start) == .milliseconds(300))
    #expect(bucket.take(at: start + .milliseconds(299)) == .milliseconds(1))
    #expect(bucket.take(at: start + .milliseconds(300)) == nil)
  }

  @Test("What was taken comes back evenly over the period, and no more than that")
  func refill() {
    var bucket = bucket()
    _ = taken(&bucket, tries: 101, at: start)
    #expect(taken(&bucket, tries: 100, at: start + .seconds(15)) == 50)
    #expect(taken(&bucket, tries: 300, at: start + .seconds(1000)) == 100)
  }

  @Test("A clock that goes back adds nothing")
  func backwards() {
    var bucket = bucket()
    _ = taken(&bucket, tries: 100, at: start + .seconds(10))
    #expect(bucket.take(at: start) == .milliseconds(300))
    #expect(bucket.take(at: start + .seconds(10)) == .milliseconds(300))
  }

  @Test("Events that are added come on top, up to a limit, and do not vanish with time")
  func added() {
    var bucket = bucket(most: 150)
    bucket.add(1000)
    #expect(taken(&bucket, tries: 1, at: start) == 1)
    #expect(taken(&bucket, tries: 300, at: start + .seconds(60)) == 149)
  }
}
