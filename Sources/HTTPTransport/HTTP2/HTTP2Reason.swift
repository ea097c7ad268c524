/// Why a stream or a connection ends, as RFC 9113 section 7 numbers the reasons that are used here.
enum HTTP2Reason: UInt32 {
  case noError = 0x0
  case protocolError = 0x1
  case internalError = 0x2
  case streamClosed = 0x5
  case cancel = 0x8
  case enhanceYourCalm = 0xb
}
