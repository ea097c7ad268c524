import ArgumentParser
import Foundation

/// Text that a command is given: as an argument, in a file, or on standard input.
enum InputText {
  /// The argument; standard input where it is `-`, or missing and no terminal is there to type.
  ///
  /// The line break with which most programs end their output is not part of the text.
  static func read(argument: String?) throws -> String {
    if let argument, argument != "-" { return argument }
    guard argument == "-" || isatty(STDIN_FILENO) == 0 else {
      throw ValidationError("Give a text, or - to read it from standard input.")
    }
    let text = try decode(FileHandle.standardInput.readToEnd() ?? Data(), of: "Standard input")
    return text.hasSuffix("\n") ? String(text.unicodeScalars.dropLast()) : text
  }

  /// The text of a file.
  static func read(file: String) throws -> String {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: file))
    } catch {
      throw ValidationError("\(file) cannot be read: \(error.localizedDescription)")
    }
    return try decode(data, of: file)
  }

  private static func decode(_ data: Data, of source: String) throws -> String {
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ValidationError("\(source) is not UTF-8; convert it first.")
    }
    return text
  }
}
