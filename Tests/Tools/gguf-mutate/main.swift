import GPTModel
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// Writes the malformed model files to a folder, for programs that are to be tested from outside:
//
//     gguf-mutate FOLDER [--random N] [--seed S]
//
// FOLDER/cases.tsv lists file, group, expectation and name of every file; FOLDER/valid.gguf is the
// model that they all derive from.

func write(_ bytes: [UInt8], to path: String) -> Bool {
  guard let file = fopen(path, "wb") else { return false }
  let written = fwrite(bytes, 1, bytes.count, file)
  return fclose(file) == 0 && written == bytes.count
}

func option(_ name: String) -> UInt64? {
  let arguments = CommandLine.arguments
  guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return nil }
  return UInt64(arguments[place + 1])
}

func describe(_ expectation: MalformedModelFile.Expectation) -> String {
  switch expectation {
  case .refused(let kind): "refused:\(kind?.rawValue ?? "any")"
  case .refusedByModel: "refused-by-model"
  case .mayRun: "may-run"
  }
}

func run(folder: String, random: UInt64, seed: UInt64) -> Int32 {
  mkdir(folder, 0o755)
  let image = TinyModel.least.builder().image()
  guard write(image.bytes, to: "\(folder)/valid.gguf") else { return 73 }
  var table = "file\tgroup\texpectation\tname\n"
  for (index, file) in MalformedModelFiles.all.enumerated() {
    let path = "named-\(index).gguf"
    guard write(file.bytes, to: "\(folder)/\(path)") else { return 73 }
    table +=
      "\(path)\t\(file.group)\t\(describe(file.expectation))\t\(file.name.debugDescription)\n"
  }
  for index in 0..<random {
    let path = "random-\(index).gguf"
    let bytes = MalformedModelFiles.mutation(of: image, seed: seed &+ index)
    guard write(bytes, to: "\(folder)/\(path)") else { return 73 }
    table += "\(path)\tG14\tmay-run\t\"seed \(seed &+ index)\"\n"
  }
  guard write(Array(table.utf8), to: "\(folder)/cases.tsv") else { return 73 }
  print("\(MalformedModelFiles.all.count) named and \(random) random files in \(folder)")
  return 0
}

guard CommandLine.arguments.count > 1, !CommandLine.arguments[1].hasPrefix("-") else {
  print("usage: gguf-mutate FOLDER [--random N] [--seed S]")
  exit(64)
}
exit(
  run(
    folder: CommandLine.arguments[1], random: option("--random") ?? 0, seed: option("--seed") ?? 1))
