/// The limits of one request; a request beyond them is refused with 400.
enum RequestLimits {
  /// Messages of a conversation.
  static let messages = 2048
  /// Tools of a request.
  static let tools = 4096
  /// Calls of a message.
  static let calls = 1024
  /// Answers to one prompt.
  static let choices = 8
  /// Further things to include in a response.
  static let includes = 32
  /// Stop strings.
  static let stopStrings = 16
  /// Bytes of one stop string.
  static let stopStringBytes = 128
  /// Stop tokens.
  static let stopTokens = 64
  /// Entries of a logit bias.
  static let logitBiases = 1024
  /// Alternatives reported for each token.
  static let topLogprobs = 20
  /// Bytes of a name of a role or of a participant.
  static let nameBytes = 256
  /// Bytes of a client's input that an error message may repeat.
  static let echoedBytes = 200
  /// Bytes of a client's own request id.
  static let requestIDBytes = 128
}
