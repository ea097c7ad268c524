import Foundation
import Grammars
import JSON

// Walks answers through grammars and says what each token was allowed and cost:
//
//     grammar-walk VOCABULARY [--oracle N] < CASES > VERDICTS
//
// VOCABULARY has a line for each token: its bytes in hexadecimal, or "-" where it is no text. Each line of
// CASES is an object with "id", "kind" (schema, regex, gbnf, lark or tag), "source" and lists of "tokens",
// "texts" or "samples": answers that a random model is to write, with "seed", "temperature", "haste" and
// "limit". Each line of VERDICTS has the id, the microseconds of compiling and what became of each list:
// the first token that was refused, or whether the answer may end, and for each mask the microseconds and
// the nodes of the vocabulary's trie that were looked at; of samples, the bytes. With --oracle, every Nth
// mask is compared with trying each token by itself.

/// Thread time in microseconds.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

func bytes(hexadecimal line: Substring) -> [UInt8]? {
  if line == "-" { return nil }
  let digits = Array(line.utf8)
  return stride(from: 0, to: digits.count - 1, by: 2).map { place in
    UInt8(String(decoding: digits[place...(place + 1)], as: UTF8.self), radix: 16) ?? 0
  }
}

let arguments = CommandLine.arguments
guard arguments.count > 1, let file = try? String(contentsOfFile: arguments[1], encoding: .utf8)
else {
  FileHandle.standardError.write(Data("usage: grammar-walk VOCABULARY [--oracle N]\n".utf8))
  exit(2)
}
var oracle: Int?
if let place = arguments.firstIndex(of: "--oracle"), place + 1 < arguments.count {
  oracle = Int(arguments[place + 1])
}
let texts = file.split(separator: "\n").map(bytes(hexadecimal:))
let trie = TokenTrie(texts: texts)
try trie.warm()
var walker = Walker(texts: texts, trie: trie, oracle: oracle)
while let line = readLine() {
  let limits = JSONLimits(depth: 2000, values: 10_000_000)
  guard let value = try? JSONValue(parsing: Array(line.utf8), limits: limits),
    case .object(let object) = value
  else {
    FileHandle.standardError.write(Data("malformed case\n".utf8))
    exit(2)
  }
  var writer = JSONWriter()
  writer.value(.object(walker.verdict(object)))
  print(String(decoding: writer.bytes, as: UTF8.self))
}
