import Testing

@testable import HTTPTransport

/// Moments and their text come from Python's `email.utils.formatdate(second, usegmt=True)`.
@Suite struct DateHeaderTests {
  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
    (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
    (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
    (4_102_444_800, "Fri, 01 Jan 2100 00:00:00 GMT"),
  ])
  func writesTimesAsHTTPDoes(second: Int, text: String) {
    #expect(DateHeader().text(at: second) == text)
  }

  @Test func doesNotKeepATimeThatHasPassed() {
    let date = DateHeader()
    #expect(date.text(at: 59) == "Thu, 01 Jan 1970 00:00:59 GMT")
    #expect(date.text(at: 60) == "Thu, 01 Jan 1970 00:01:00 GMT")
  }
}
