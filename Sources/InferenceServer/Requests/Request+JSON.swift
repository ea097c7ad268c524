import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Request {
  /// Reads the body as a JSON object, whatever its media type claims.
  func jsonFields(maximumBytes: Int) async throws -> FieldReader {
    if let length = headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes {
      throw APIError.tooLarge(limit: maximumBytes)
    }
    let buffer: ByteBuffer
    do {
      buffer = try await body.collect(upTo: maximumBytes)
    } catch is NIOTooManyBytesError {
      throw APIError.tooLarge(limit: maximumBytes)
    }
    return try FieldReader(jsonBody: Array(buffer.readableBytesView))
  }
}

extension FieldReader {
  /// Reads the fields of a request from its body.
  init(jsonBody bytes: [UInt8]) throws(APIError) {
    do {
      guard case .object(let object) = try JSONValue(parsing: bytes) else {
        throw APIError.invalid(nil, "the request body must be a JSON object")
      }
      self.init(object: object)
    } catch let error as JSONError {
      let code = error.kind == .duplicateName ? "duplicate_key" : nil
      throw .invalid(nil, "the request body is not valid JSON: \(error)", code: code)
    } catch let error as APIError {
      throw error
    } catch {
      throw .internal
    }
  }
}
