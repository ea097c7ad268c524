/// One request of a run and what became of it; moments count from the start of the run.
struct RequestRecord: Sendable {
  /// When the request was due. Latencies count from here, so that a request which had to wait for
  /// its turn in the client, as behind a server that stalls, has waited.
  let intended: Duration
  /// When it was sent.
  let sent: Duration
  /// When its answer was complete, or failed.
  let end: Duration
  /// The answer, or why there is none.
  let result: Result<Answer, RequestFailure>
}
