import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Request {
  /// Reads the body as a JSON object, whatever its media type claims.
  func jsonFields(_ table: FieldTable, maximumBytes: Int) async throws -> FieldReader {
    if let length = headers[.contentLength].flatMap({ Int($0) }), length > maximumBytes {
      throw APIError.tooLarge(limit: maximumBytes)
    }
    let buffer: ByteBuffer
    do {
      buffer = try await body.collect(upTo: maximumBytes)
    } catch is NIOTooManyBytesError {
      throw APIError.tooLarge(limit: maximumBytes)
    }
    return try FieldReader(jsonBody: Array(buffer.readableBytesView), table)
  }
}

extension FieldReader {
  /// Reads the fields of a request from its body.
  init(jsonBody bytes: [UInt8], _ table: FieldTable) throws(APIError) {
    do {
      guard case .object(let object) = try JSONValue(parsing: bytes) else {
        throw APIError.invalid(nil, "the request body must be a JSON object")
      }
      self.init(object: object, table: table)
    } catch let error as JSONError {
      throw .invalid(
        nil, "the request body is not valid JSON: \(error)",
        error.kind == .duplicateName ? .duplicateKey : .invalidRequest)
    } catch let error as APIError {
      throw error
    } catch {
      throw .internal
    }
  }
}
