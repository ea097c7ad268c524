#!/usr/bin/env python3
"""Usage: encoders.py FOLDER

Writes tiny random encoders and rerankers into FOLDER/tiny as they are published, each with what
transformers computes of it in float32 and in float64: the states of a text, its pooled vector, or the
scores of pairs. Needs `pip install torch transformers`.
"""

import json
import pathlib
import sys

import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXT = "She counts 12 ships, naïve café 东京; they're home.\n\n  print(i)"
QUERY = "How many ships are there?"
DOCUMENTS = ["She counts twelve ships at home.", "The harbour is closed.", "ships " * 5]
CORPUS = [
    "She counts twelve ships, and they are home again.", "The harbour is closed until the morning.",
    "How many ships are there? There are 12 of them.", "yes no print(i) while the café is open",
    "Judge whether the Document meets the requirements based on the Query and the Instruct provided.",
    'Note that the answer can only be "yes" or "no". Given a web search query, retrieve relevant',
    "passages that answer the query. system user assistant think Instruct Query Document",
]


def trained(model, trainer, normalizer, splitter, decoder, processor, more=()):
    """A tokenizer of the corpus."""
    tokenizer = tokenizers.Tokenizer(model)
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoder
    tokenizer.train_from_iterator([*CORPUS, *more], trainer)
    tokenizer.post_processor = processor(tokenizer) if processor else None
    return tokenizer


def word_piece():
    """BERT's."""
    return trained(
        models.WordPiece(unk_token="[UNK]"),
        trainers.WordPieceTrainer(
            vocab_size=256, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]),
        normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(), decoders.WordPiece(),
        lambda t: processors.TemplateProcessing(
            single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
            special_tokens=[(x, t.token_to_id(x)) for x in ("[CLS]", "[SEP]")]))


def unigram():
    """XLM-R's."""
    return trained(
        models.Unigram(),
        trainers.UnigramTrainer(
            vocab_size=200, unk_token="<unk>",
            special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"]),
        normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(tokenizers.Regex(" {2,}"), " ")]),
        pre_tokenizers.Metaspace(), decoders.Metaspace(),
        lambda t: processors.TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>",
            special_tokens=[(x, t.token_to_id(x)) for x in ("<s>", "</s>")]))


def byte_level(special, processor, size=384, more=()):
    """RoBERTa's, ModernBERT's and Qwen's."""
    return trained(
        models.BPE(),
        trainers.BpeTrainer(
            vocab_size=size, special_tokens=special,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()),
        None, pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel(), processor, more)


def roberta():
    return byte_level(
        ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        lambda t: processors.RobertaProcessing(
            ("</s>", t.token_to_id("</s>")), ("<s>", t.token_to_id("<s>")), add_prefix_space=False))


def modern():
    return byte_level(
        ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"],
        lambda t: processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]",
            special_tokens=[(x, t.token_to_id(x)) for x in ("[CLS]", "[SEP]")]))


def qwen():
    return byte_level(
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"], None, 420,
        ["yes", "no"] * 50)


def gemma():
    return byte_level(
        ["<pad>", "<eos>", "<bos>", "<unk>"],
        lambda t: processors.TemplateProcessing(
            single="<bos> $A <eos>", pair="<bos> $A <eos> <bos> $B <eos>",
            special_tokens=[(x, t.token_to_id(x)) for x in ("<bos>", "<eos>")]))


SIZES = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 48}
CONFIGS = {
    "roberta_embed": ("RobertaModel", roberta, dict(
        SIZES, max_position_embeddings=66, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1,
        bos_token_id=0, eos_token_id=2)),
    "xlmr_rerank": ("XLMRobertaForSequenceClassification", unigram, dict(
        SIZES, max_position_embeddings=98, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1,
        bos_token_id=0, eos_token_id=2, num_labels=1)),
    "bert_rerank": ("BertForSequenceClassification", word_piece, dict(
        SIZES, max_position_embeddings=96, num_labels=1)),
    "distilbert_embed": ("DistilBertModel", word_piece, dict(
        dim=32, n_layers=3, n_heads=2, hidden_dim=48, max_position_embeddings=96)),
    "distilbert_rerank": ("DistilBertForSequenceClassification", word_piece, dict(
        dim=32, n_layers=3, n_heads=2, hidden_dim=48, max_position_embeddings=96, num_labels=1)),
    "nomic_embed": ("NomicBertModel", word_piece, dict(
        SIZES, max_position_embeddings=128)),
    "modernbert_embed": ("ModernBertModel", modern, dict(
        SIZES, num_hidden_layers=4, max_position_embeddings=128, local_attention=16,
        global_attn_every_n_layers=3, pad_token_id=3, cls_token_id=1, sep_token_id=2, bos_token_id=1,
        eos_token_id=2)),
    "modernbert_rerank": ("ModernBertForSequenceClassification", modern, dict(
        SIZES, num_hidden_layers=4, max_position_embeddings=128, local_attention=16,
        global_attn_every_n_layers=3, pad_token_id=3, cls_token_id=1, sep_token_id=2, bos_token_id=1,
        eos_token_id=2, num_labels=1, classifier_pooling="mean")),
    "qwen3_reranker": ("Qwen3ForCausalLM", qwen, dict(
        SIZES, num_key_value_heads=1, head_dim=16, max_position_embeddings=512, bos_token_id=0,
        eos_token_id=2, tie_word_embeddings=True)),
    "qwen3_rerank_classes": ("Qwen3ForSequenceClassification", qwen, dict(
        SIZES, num_key_value_heads=1, head_dim=16, max_position_embeddings=512, pad_token_id=0,
        bos_token_id=0, eos_token_id=2, num_labels=1, tie_word_embeddings=True)),
    "embedding_gemma_dense": ("Gemma3TextModel", gemma, dict(
        SIZES, intermediate_size=32, num_hidden_layers=6, num_attention_heads=2, num_key_value_heads=1, head_dim=16,
        query_pre_attn_scalar=16, max_position_embeddings=128, sliding_window=16, bos_token_id=2,
        eos_token_id=1, pad_token_id=0, use_bidirectional_attention=True)),
}
RERANK_PROMPT = (
    "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the"
    ' Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n'
    "<|im_start|>user\n<Instruct>: Given a web search query, retrieve relevant passages that answer the"
    " query\n<Query>: {query}\n<Document>: {document}<|im_end|>\n"
    "<|im_start|>assistant\n<think>\n\n</think>\n\n")


def build(class_name, tokenizer, settings):
    """A random model; weights are larger than trained ones, so that a misreading shows."""
    torch.manual_seed(len(class_name) + 7)
    kind = getattr(transformers, class_name)
    config = kind.config_class(vocab_size=tokenizer.get_vocab_size(), **settings)
    config._attn_implementation = "eager"
    model = kind(config).eval().float()
    for name, weight in model.named_parameters():
        with torch.no_grad():
            if weight.dim() > 1:
                weight.normal_(0, 1.2 / weight.shape[-1] ** 0.5 if "embed" not in name.lower() else 0.7)
            elif name.endswith("bias"):
                weight.normal_(0, 0.3)
            else:
                weight.add_(torch.randn_like(weight) * 0.2)
    return model


def unit(vector):
    return (vector / vector.norm()).tolist()


def dense_modules(folder, state):
    """Two linear layers as sentence-transformers keeps them, and what they make of a state."""
    generator = torch.Generator().manual_seed(5)
    for name, rows, columns in (("2_Dense", 64, 32), ("3_Dense", 32, 64)):
        weight = torch.randn(rows, columns, generator=generator) / columns ** 0.5
        (folder / name).mkdir(exist_ok=True)
        save_file({"linear.weight": weight}, folder / name / "model.safetensors")
        (folder / name / "config.json").write_text(json.dumps({
            "in_features": columns, "out_features": rows, "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity"}))
        state = weight.to(state.dtype) @ state
    return state


def sentence_files(folder, pooling, has_dense=False, prompts=None):
    """What sentence-transformers keeps beside a model."""
    kinds = [("", "Transformer"), ("1_Pooling", "Pooling")]
    kinds += [("2_Dense", "Dense"), ("3_Dense", "Dense")] if has_dense else []
    kinds.append((f"{len(kinds)}_Normalize", "Normalize"))
    (folder / "modules.json").write_text(json.dumps([
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds)]))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({
        "word_embedding_dimension": 32, "pooling_mode_cls_token": pooling == "cls",
        "pooling_mode_mean_tokens": pooling == "mean", "pooling_mode_max_tokens": False,
        "pooling_mode_lasttoken": pooling == "last", "include_prompt": True}))
    if prompts:
        (folder / "config_sentence_transformers.json").write_text(json.dumps(
            {"prompts": prompts, "default_prompt_name": None, "similarity_fn_name": "cosine"}))


def pair_of(tokenizer, query, document):
    encoding = tokenizer.encode(query, document)
    return encoding.ids, encoding.type_ids


def scores(name, model, tokenizer):
    """The logits, and what a client is told of them, for each document."""
    results = []
    for document in DOCUMENTS:
        if name == "qwen3_reranker":
            ids = tokenizer.encode(RERANK_PROMPT.format(query=QUERY, document=document)).ids
            row = model(torch.tensor([ids])).logits[0, -1]
            two = torch.stack([row[tokenizer.token_to_id(x)] for x in ("no", "yes")])
            logits, score = two.tolist(), torch.softmax(two, 0)[1].item()
        elif name == "qwen3_rerank_classes":
            ids = tokenizer.encode(RERANK_PROMPT.format(query=QUERY, document=document)).ids
            logits = model(torch.tensor([ids])).logits[0]
            logits, score = logits.tolist(), torch.sigmoid(logits)[0].item()
        else:
            ids, types = pair_of(tokenizer, QUERY, document)
            takes_types = name == "bert_rerank"
            extra = {"token_type_ids": torch.tensor([types])} if takes_types else {}
            logits = model(torch.tensor([ids]), **extra).logits[0]
            logits, score = logits.tolist(), torch.sigmoid(logits)[0].item()
        results.append({"document": document, "input_ids": ids, "logits": logits, "score": score})
    return results


def publish_nomic(file):
    """Spells the configuration as the published one does."""
    own = json.loads(file.read_text())
    file.write_text(json.dumps({
        "architectures": ["NomicBertModel"], "model_type": "nomic_bert", "causal": False,
        "activation_function": "swiglu", "layer_norm_epsilon": own["layer_norm_eps"],
        "max_trained_positions": 2048, "mlp_fc1_bias": False, "mlp_fc2_bias": False,
        "n_embd": own["hidden_size"], "n_head": own["num_attention_heads"],
        "n_inner": own["intermediate_size"], "n_layer": own["num_hidden_layers"],
        "n_positions": 8192, "prenorm": False, "qkv_proj_bias": False, "rotary_emb_base": 1000,
        "rotary_emb_fraction": 1.0, "rotary_emb_interleaved": False, "rotary_emb_scale_base": None,
        "type_vocab_size": own["type_vocab_size"], "vocab_size": own["vocab_size"]}))


def write(name, root):
    class_name, make_tokenizer, settings = CONFIGS[name]
    tokenizer = make_tokenizer()
    model = build(class_name, tokenizer, settings)
    folder = root / "tiny" / name
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder, safe_serialization=True)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if name == "nomic_embed":
        publish_nomic(folder / "config.json")
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 128}))
    reference = {"transformers": transformers.__version__, "torch": torch.__version__}
    with torch.no_grad():
        if "rerank" in name:
            exact = scores(name, build(class_name, tokenizer, settings).double(), tokenizer)
            reference |= {"query": QUERY, "pairs": scores(name, model, tokenizer)}
            found, wanted = reference["pairs"], exact
            reference["float64_max_abs_diff"] = max(
                abs(a["logits"][0] - b["logits"][0]) for a, b in zip(found, wanted))
        else:
            ids = tokenizer.encode(TEXT).ids
            pooling = {"modernbert_embed": "cls"}.get(name, "mean")
            has_dense = name == "embedding_gemma_dense"
            vectors = []
            for own in (model, build(class_name, tokenizer, settings).double()):
                states = own(torch.tensor([ids])).last_hidden_state[0]
                pooled = states[0] if pooling == "cls" else states.mean(0)
                if has_dense:
                    pooled = dense_modules(folder, pooled)
                vectors.append((states, unit(pooled)))
            sentence_files(
                folder, pooling, has_dense,
                {"query": "query: ", "document": "title: none | text: "} if has_dense else None)
            reference |= {
                "text": TEXT, "input_ids": ids, "pooling": pooling, "embedding": vectors[0][1],
                "states": vectors[0][0].tolist(),
                "float64_max_abs_diff": (vectors[0][0] - vectors[1][0]).abs().max().item()}
    (folder / "reference.json").write_text(json.dumps(reference))


if __name__ == "__main__":
    for name in CONFIGS:
        write(name, pathlib.Path(sys.argv[1]))
        print(name)
