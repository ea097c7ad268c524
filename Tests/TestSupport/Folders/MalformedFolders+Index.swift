import GPTModel

extension MalformedFolders {
  /// Indexes that lead elsewhere, or do not say what the files hold.
  mutating func addIndexes() {
    (group, field) = ("index", FolderBuilder.indexName)
    let texts = [
      "", "{", "[]", "null", "1", "{}", "{\"weight_map\": null}", "{\"weight_map\": []}",
      "{\"weight_map\": {}}", "{\"weight_map\": \"model.safetensors\"}",
      "{\"metadata\": {\"total_size\": 1}}", "{\"weight_map\": {\"a\": 1}}",
      "{\"weight_map\": {\"a\": null}}", "{\"weight_map\": {\"a\": [\"b.safetensors\"]}}",
      "{\"weight_map\": {\"a\": \"b.safetensors\", \"a\": \"c.safetensors\"}}",
      "{\"weight_map\": " + String(repeating: "{\"a\": ", count: 1000),
    ]
    for text in texts {
      add("the index \(text.prefix(60))", .refused()) { builder in
        builder.split(into: 2)
        builder.index = text
      }
    }
    let file = "model-00001-of-00002.safetensors"
    let paths = [
      "", ".", "..", "/", "/etc/passwd", "../\(file)", "./\(file)", "sub/\(file)", "/\(file)",
      "..\\\(file)", ".\(file)", ".hidden.safetensors", "\0\(file)", "\(file)\0",
      "a\nb.safetensors",
      String(repeating: "a", count: 300) + ".safetensors", "pytorch_model.bin", "config.json",
      "model.safetensors.index.json", "model.gguf", "model.pt", ".safetensors", "~/\(file)",
      "file:///\(file)", "C:\\\(file)",
    ]
    for path in paths {
      add("the file \(path.prefix(60).debugDescription)", .refused()) { builder in
        builder.split(into: 2)
        builder.weightMap = builder.places
        builder.weightMap?["model.norm.weight"] = .string(path)
      }
    }
    addDisagreements()
  }

  private mutating func addDisagreements() {
    field = nil
    let norm = "model.norm.weight"
    add("a file that is not there", .refused(.missing)) { builder in
      builder.split(into: 2)
      builder.replaced[builder.name(ofShard: 1)] = .some(nil)
    }
    add("a file that is empty", .refused(.truncated)) { builder in
      builder.split(into: 2)
      builder.replaced[builder.name(ofShard: 1)] = []
    }
    add("a tensor in the other file", .refused()) { builder in
      builder.split(into: 2)
      builder.weightMap = builder.places
      let place = builder.shards.firstIndex { $0.tensors.contains { $0.name == norm } } ?? 0
      let file = builder.name(ofShard: 1 - place)
      builder.weightMap?[norm] = .string(file)
    }
    add("a tensor in both files", .refused()) { builder in
      builder.split(into: 2)
      builder.weightMap = builder.places
      guard let tensor = builder.shards.flatMap(\.tensors).first(where: { $0.name == norm }) else {
        return
      }
      for shard in 0..<2 where !builder.shards[shard].tensors.contains(where: { $0.name == norm }) {
        builder.shards[shard].tensors.append(tensor)
      }
    }
    add("a tensor that is not listed", .refused(.invalid)) { builder in
      builder.split(into: 2)
      builder.weightMap = builder.places
      builder.weightMap?[norm] = .none
    }
    add("a listed tensor that no file has", .refused(.missing)) { builder in
      builder.split(into: 2)
      builder.weightMap = builder.places
      let file = builder.name(ofShard: 0)
      builder.weightMap?["model.more.weight"] = .string(file)
    }
    add("a listed tensor that looks like another", .refused()) { builder in
      builder.split(into: 2)
      builder.weightMap = builder.places
      for name in ["\u{E9}", "e\u{301}"] {
        let file = builder.name(ofShard: 0)
        builder.weightMap?[name] = .string(file)
        builder.shards[0].tensors.append(.init(name, [1], type: "F32", data: [0, 0, 0, 0]))
      }
    }
    add("10000 files", .refused(.limit)) { builder in
      builder.split(into: 1)
      builder.weightMap = .object(
        (0..<10_000).map { (name: "\($0)", value: .string("\($0).safetensors")) })
    }
    add("4000 files that are not there", .refused(.missing)) { builder in
      builder.split(into: 1)
      builder.weightMap = .object(
        (0..<4_000).map { (name: "\($0)", value: .string("\($0).safetensors")) })
    }
    add("100000 tensors", .refused()) { builder in
      builder.split(into: 1)
      builder.weightMap = .object(
        (0..<100_000).map { (name: "\($0)", value: .string("a.safetensors")) })
    }
    add("an index of one file", .mayRun) { builder in
      builder.split(into: 1)
    }
    add("sizes that are wrong", .mayRun) { builder in
      builder.split(into: 2)
      builder.index =
        JSONText.object([
          (name: "metadata", value: ["total_size": -1]),
          (name: "weight_map", value: builder.places),
        ]).text
    }
    add("neither file nor index", .refused(.missing)) {
      $0.replaced["model.safetensors"] = .some(nil)
    }
    add("both file and index, which counts for nothing", .mayRun) {
      $0.replaced[FolderBuilder.indexName] = Array("{".utf8)
    }
    add("nothing but a pickle", .refused()) { builder in
      builder.replaced["model.safetensors"] = .some(nil)
      builder.replaced["pytorch_model.bin"] = [0x80, 2]
    }
  }
}
