import Foundation
import JSON
import Testing

@Suite("JSONTestSuite")
struct JSONTestSuiteTests {
  /// Documents that the suite calls valid and we refuse, because parsers disagree about them.
  static let duplicates: Set = [
    "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
  ]

  /// What we do where the suite leaves the choice.
  static let choices: [String: JSONError.Kind?] = [
    "i_number_double_huge_neg_exp.json": nil,
    "i_number_huge_exp.json": .numberOutOfRange,
    "i_number_neg_int_huge_exp.json": .numberOutOfRange,
    "i_number_pos_double_huge_exp.json": .numberOutOfRange,
    "i_number_real_neg_overflow.json": .numberOutOfRange,
    "i_number_real_pos_overflow.json": .numberOutOfRange,
    "i_number_real_underflow.json": nil,
    "i_number_too_big_neg_int.json": nil,
    "i_number_too_big_pos_int.json": nil,
    "i_number_very_big_negative_int.json": nil,
    "i_object_key_lone_2nd_surrogate.json": .loneSurrogate,
    "i_string_1st_surrogate_but_2nd_missing.json": .loneSurrogate,
    "i_string_1st_valid_surrogate_2nd_invalid.json": .loneSurrogate,
    "i_string_UTF-16LE_with_BOM.json": .unexpectedByte,
    "i_string_UTF-8_invalid_sequence.json": .invalidUTF8,
    "i_string_UTF8_surrogate_U+D800.json": .invalidUTF8,
    "i_string_incomplete_surrogate_and_escape_valid.json": .loneSurrogate,
    "i_string_incomplete_surrogate_pair.json": .loneSurrogate,
    "i_string_incomplete_surrogates_escape_valid.json": .loneSurrogate,
    "i_string_invalid_lonely_surrogate.json": .loneSurrogate,
    "i_string_invalid_surrogate.json": .loneSurrogate,
    "i_string_invalid_utf-8.json": .invalidUTF8,
    "i_string_inverted_surrogates_U+1D11E.json": .loneSurrogate,
    "i_string_iso_latin_1.json": .invalidUTF8,
    "i_string_lone_second_surrogate.json": .loneSurrogate,
    "i_string_lone_utf8_continuation_byte.json": .invalidUTF8,
    "i_string_not_in_unicode_range.json": .invalidUTF8,
    "i_string_overlong_sequence_2_bytes.json": .invalidUTF8,
    "i_string_overlong_sequence_6_bytes.json": .invalidUTF8,
    "i_string_overlong_sequence_6_bytes_null.json": .invalidUTF8,
    "i_string_truncated-utf-8.json": .invalidUTF8,
    "i_string_utf16BE_no_BOM.json": .unexpectedByte,
    "i_string_utf16LE_no_BOM.json": .unexpectedByte,
    "i_structure_500_nested_arrays.json": .tooDeep,
    "i_structure_UTF-8_BOM_empty_object.json": .byteOrderMark,
  ]

  @Test("Valid documents are read", arguments: JSONFiles.names(startingWith: "y"))
  func accepted(name: String) throws {
    let bytes = try JSONFiles.bytes(name)
    if Self.duplicates.contains(name) {
      #expect(fault(of: bytes) == .duplicateName)
    } else {
      #expect(throws: Never.self) { try JSONValue(parsing: bytes) }
    }
  }

  @Test("Invalid documents are refused", arguments: JSONFiles.names(startingWith: "n"))
  func refused(name: String) throws {
    let bytes = try JSONFiles.bytes(name)
    #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
  }

  @Test("Documents that are left to the reader have one answer each")
  func chosen() throws {
    #expect(JSONFiles.names(startingWith: "i") == Self.choices.keys.sorted())
    for (name, expected) in Self.choices {
      #expect(fault(of: try JSONFiles.bytes(name)) == expected, "\(name)")
    }
  }

  private func fault(of bytes: [UInt8]) -> JSONError.Kind? {
    do {
      _ = try JSONValue(parsing: bytes)
      return nil
    } catch {
      return error.kind
    }
  }
}
