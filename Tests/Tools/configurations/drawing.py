"""Drawing a configuration: choices by a seed, and what many families have in common."""

FAMILIES = {}


def family(*names):
    """Registers a function for the model types that it describes."""
    def register(function):
        for name in names:
            FAMILIES[name] = function
        return function
    return register


class Drawing:
    """Choices by a seed."""

    def __init__(self, source):
        self.source = source

    def one(self, *options):
        """One of some options."""
        return self.source.choice(options)

    def flag(self):
        """True or false."""
        return self.source.random() < 0.5

    def kinds(self, count, first, second):
        """A kind for each layer, of both kinds if there are two layers."""
        while True:
            kinds = [self.one(first, second) for _ in range(count)]
            if count < 2 or len(set(kinds)) == 2:
                return kinds


def sizes(d, layers=(1, 2, 3, 4), lengths=(8, 16, 24, 32), widths=(32, 48, 64)):
    """Sizes of the usual kind, heads that are together wider or narrower than the model."""
    kv = d.one(1, 2, 3)
    return {
        "vocab_size": 384, "hidden_size": d.one(*widths), "num_hidden_layers": d.one(*layers),
        "num_key_value_heads": kv, "num_attention_heads": kv * d.one(1, 2, 3),
        "head_dim": d.one(*lengths), "intermediate_size": d.one(40, 64, 96),
        "max_position_embeddings": 128, "rms_norm_eps": d.one(1e-6, 1e-5, 1e-2),
        "tie_word_embeddings": d.flag(), **tokens(),
    }


def square(d, **more):
    """Sizes of a model as wide as its heads together."""
    found = sizes(d, **more)
    groups = d.one((1, 1), (2, 1), (2, 2), (4, 2), (4, 4), (4, 1), (6, 2), (3, 1), (3, 3))
    found["num_attention_heads"], found["num_key_value_heads"] = groups
    found["hidden_size"] = groups[0] * d.one(8, 16, 24)
    del found["head_dim"]
    return found


def divided(found):
    """Sizes whose width is a multiple of the heads, as some configurations demand though none need it."""
    heads = found["num_attention_heads"]
    return found | {"hidden_size": (found["hidden_size"] + heads - 1) // heads * heads}


def tokens():
    return {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": None}


def rope(d, kinds=("default", "linear", "llama3", "yarn"), share=(1.0,)):
    """Rotary angles, stretched or not."""
    kind = d.one(*kinds)
    found = {"rope_type": kind, "rope_theta": d.one(500.0, 1e4, 1e6)}
    if share != (1.0,):
        found["partial_rotary_factor"] = d.one(*share)
    if kind != "default":
        found["factor"] = d.one(2.0, 4.0, 8.5)
    if kind == "llama3":
        found |= {"low_freq_factor": 1.0, "high_freq_factor": d.one(2.0, 4.0),
                  "original_max_position_embeddings": d.one(16, 64)}
    if kind == "yarn":
        found["original_max_position_embeddings"] = d.one(16, 32)
        if d.flag():
            found |= {"beta_fast": d.one(8.0, 32.0), "beta_slow": d.one(1.0, 2.0)}
        if d.flag():
            found["attention_factor"] = d.one(0.8, 1.25)
        if d.flag():
            found |= {"mscale": d.one(0.7, 1.0), "mscale_all_dim": d.one(0.5, 1.0)}
        if d.flag():
            found["truncate"] = d.flag()
    return {"rope_parameters": found}


def windows(d, found, always=False):
    """Layers with a window among those without."""
    count = found["num_hidden_layers"]
    return {"sliding_window": d.one(5, 8, 17),
            "layer_types": d.kinds(count, "sliding_attention", "full_attention")}


def experts(d, name="num_experts", used="num_experts_per_tok", fewest=1):
    count = d.one(3, 4, 6, 8)
    return {name: count, used: d.one(*range(fewest, 4))}


def multipliers(d):
    return {"embedding_multiplier": d.one(1.0, 7.0), "logits_scaling": d.one(0.5, 1.0, 3.0),
            "residual_multiplier": d.one(0.3, 1.0), "attention_multiplier": d.one(0.1, 0.5)}


def grouped(d):
    groups = d.one(1, 2)
    return {"n_routed_experts": 8, "num_experts_per_tok": d.one(1, 2, 3), "n_group": groups,
            "topk_group": d.one(*range(1, groups + 1)), "n_shared_experts": d.one(1, 2),
            "moe_intermediate_size": d.one(16, 24), "routed_scaling_factor": d.one(1.0, 2.5)}
