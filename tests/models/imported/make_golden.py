#!/usr/bin/env python3
"""Writes the tiny models of this folder, as Transformers and PEFT save them, and what they answer.

    pip install torch==2.11.0 transformers==5.24.0 peft==0.21.2 sentencepiece protobuf
    tests/models/imported/make_golden.py             # from anywhere; about 20 seconds; every folder anew

Weights are random, seeded, and larger than fresh ones, so that attention is far from uniform and a mistake shows.
Width 32, 4 heads, 2 layers (ALBERT 3, shared), inner width 48, at most 17 ids (RoBERTa's 19 positions are 17 ids).

  <family>-classifier, <family>-masked-lm    bert distilbert roberta xlm-roberta electra albert
  albert-groups       masked-lm of two groups of shared layers: layers 0 and 1 are one, 2 is another
  bert-encoder        BertModel: no "bert." prefix, no pooler, no head
  bert-old-names      LayerNorm.gamma and beta, and a buffer position_ids: I64
  bert-pretraining    old names; next-sentence head and pooler beside the masked-word head, no decoder.weight
  bert-no-labels      config.json without id2label: two outputs
  bert-one-label      one output; hidden_act relu
  bert-f16, bert-bf16 weights of 16 bits; the answers are those of the same weights widened to float
  bert-shards         weights in several files, with model.safetensors.index.json
  bert-untied         masked-lm whose decoder.weight is not the embedding; hidden_act gelu_new
  lora-*              PEFT adapters, without the model under them: golden.json's "base" names its folder
                        query-value, all-linear, rslora, patterns (ranks and alphas by module), roberta;
                        short-config: old adapter_config.json of few keys, classifier not saved; dora: to be refused

Each folder holds golden.json:

  base         folder of config.json, model.safetensors and tokenizer; "." or the one that a lora-* folder adapts
  refused      only in an adapter that an importer must refuse: the word that its message should hold; nothing follows
  family       config.json's model_type
  kind         "classifier", "masked-lm" or "encoder" (no scores)
  labels       names of the outputs; of a classifier
  outputs      scores an input: number of labels, or ids of the vocabulary; 0 of an encoder
  layers, heads, hidden, inner, max_length, vocabulary, pad_id, cls_id, sep_id, mask_id
  sequences    three of [{ids, text?, scores, best, first_attention?, last_attention, last_outputs?, last_hidden?}]: a
               text, an odd length, max_length ids; run as one batch, padded at the right with pad_id, padding cut again
    text             the first sequence's; the tokenizer in the folder gives its ids
    scores           logits; of a masked-lm the first 64 of those at the first mask
    best             number of the largest score, of all outputs
    last_attention   of the last layer, [heads, T, T] flattened, row = query
    first_attention  the same of layer 0; of the second sequence only
    last_outputs     attention times values of the last layer, [heads, T, hidden / heads]; of the first sequence only
    last_hidden      the encoder's final state [T, hidden]; of the first sequence only
  hiding       {ids, visible, scores, best}: the second sequence where visible[t] == 0 is an attention_mask of 0

Eager attention, evaluation mode, float32, one thread, 6 decimals.
"""
import json
import math
import os
import pathlib
import shutil

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is fetched; before transformers is imported
import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoTokenizer

HERE = pathlib.Path(__file__).resolve().parent
TOKENIZERS = HERE.parent / "tokenizers"
LENGTH = 17
LABELS = ["negative", "neutral", "positive"]
WORDS = """the film was good bad not a very long short story and it is of this an actor music plays well in i liked
never see again boring great honest end ##s ##ed ##ing ##ly ##er""".split()

BERT = dict(hidden_size=32, num_attention_heads=4, num_hidden_layers=2, intermediate_size=48)
FAMILIES = {
    "bert": BERT | dict(max_position_embeddings=LENGTH),
    "distilbert": dict(dim=32, n_heads=4, n_layers=2, hidden_dim=48, max_position_embeddings=LENGTH),
    "roberta": BERT | dict(max_position_embeddings=LENGTH + 2, type_vocab_size=1, layer_norm_eps=1e-5),
    "xlm-roberta": BERT | dict(max_position_embeddings=LENGTH + 2, type_vocab_size=1, layer_norm_eps=1e-5),
    "electra": BERT | dict(embedding_size=24, max_position_embeddings=LENGTH),
    "albert": BERT | dict(num_hidden_layers=3, embedding_size=16, max_position_embeddings=LENGTH,
                          hidden_act="gelu_new"),
}
CLASSES = {"bert": "Bert", "distilbert": "DistilBert", "roberta": "Roberta", "xlm-roberta": "XLMRoberta",
           "electra": "Electra", "albert": "Albert"}
HEADS = {"classifier": "ForSequenceClassification", "masked-lm": "ForMaskedLM", "encoder": "Model",
         "pretraining": "ForPreTraining"}
# where the tokenizers of families that do not read small_vocabulary's words come from
TOKENIZER_OF = {("roberta", "classifier"): "roberta", ("roberta", "masked-lm"): "roberta-files",
                ("xlm-roberta", "classifier"): "xlm-roberta", ("xlm-roberta", "masked-lm"): "xlm-roberta-model",
                ("albert", "classifier"): "albert", ("albert", "masked-lm"): "albert-model"}


# ---- Tokenizers


def small_vocabulary():
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *".,!?'", *letters, *("##" + c for c in letters), *WORDS]


def write_tokenizer(folder, family, kind):
    """Into the model's folder; as tokenizer.json for DistilBERT, which leaves vocab.txt for the other WordPieces."""
    if source := TOKENIZER_OF.get((family, kind)):
        for file in (TOKENIZERS / source).iterdir():
            shutil.copy(file, folder)
        return transformers.RobertaTokenizer.from_pretrained(folder) if source == "roberta-files" else \
            AutoTokenizer.from_pretrained(folder)
    (folder / "vocab.txt").write_text("".join(token + "\n" for token in dict.fromkeys(small_vocabulary())))
    tokenizer = transformers.BertTokenizer(vocab=str(folder / "vocab.txt"))
    if family == "distilbert":
        (folder / "vocab.txt").unlink()
        tokenizer.save_pretrained(folder)
    else:
        config = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
        (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
    return tokenizer


# ---- Models


def draw_weights(model, seed):
    """Larger than at the start of a training: attention then differs much from token to token."""
    lots = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            noise = torch.randn(weight.shape, generator=lots)
            norm = "norm" in name.lower() and name.endswith("weight")
            weight.copy_(1 + 0.2 * noise if norm else (0.4 if weight.dim() > 1 else 0.2) * noise)


def make_model(family, kind, vocabulary, special, seed, **options):
    config = AutoConfig.for_model(family, vocab_size=vocabulary, **(FAMILIES[family] | special | options))
    config._attn_implementation = "eager"
    cls = getattr(transformers, CLASSES[family] + HEADS[kind])
    model = cls(config, **({"add_pooling_layer": False} if kind == "encoder" else {})).eval()
    draw_weights(model, seed)
    return model


# ---- Answers


def numbers(tensor):
    assert tensor.isfinite().all()
    return [round(value, 6) for value in tensor.flatten().tolist()]


def sequences_of(tokenizer, kind, seed):
    lots = torch.Generator().manual_seed(seed)
    text = f"The film is {tokenizer.mask_token if kind == 'masked-lm' else 'good'}, not long."
    first = tokenizer(text)["input_ids"]
    assert len(first) <= LENGTH
    out = [{"text": text, "ids": first}]
    for length in (7, LENGTH):
        inner = [int(i) for i in torch.randint(5, len(tokenizer) - 1, [length - 2], generator=lots)]
        if kind == "masked-lm":
            inner[length // 3] = inner[length // 3 + 2] = tokenizer.mask_token_id  # the first of two counts
        out.append({"ids": [tokenizer.cls_token_id, *inner, tokenizer.sep_token_id]})
    return out


def head_outputs(model, run):
    """What the last layer's attention hands to its output projection, [B, T, d], and the answer of run()."""
    names = ("attention.output.dense", "attention.out_lin", "attention.dense")
    projection = [m for name, m in model.named_modules() if name.removesuffix(".base_layer").endswith(names)][-1]
    seen = []
    hook = projection.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    answer = run()
    hook.remove()
    return seen[-1], answer


def scores_of(logits, kind, ids, mask_id):
    scores = logits[ids.index(mask_id)] if kind == "masked-lm" else logits
    return {"scores": numbers(scores[:64]), "best": int(scores.argmax())}


def forward(model, sequences, pad, visible=None):
    longest = max(map(len, sequences))
    fill = lambda rows, value: torch.tensor([row + [value] * (longest - len(row)) for row in rows])
    mask = fill(visible or [[1] * len(s) for s in sequences], 0)
    return model(input_ids=fill(sequences, pad), attention_mask=mask, output_attentions=True, output_hidden_states=True)


@torch.no_grad()
def answers(model, tokenizer, kind, seed):
    pad, mask, heads = tokenizer.pad_token_id, tokenizer.mask_token_id, model.config.num_attention_heads
    sequences = sequences_of(tokenizer, kind, seed)
    context, out = head_outputs(model, lambda: forward(model, [s["ids"] for s in sequences], pad))
    for b, one in enumerate(sequences):
        t = len(one["ids"])
        if kind != "encoder":
            one |= scores_of(out.logits[b], kind, one["ids"], mask)
            alone = scores_of(forward(model, [one["ids"]], pad).logits[0], kind, one["ids"], mask)
            assert max(abs(x - y) for x, y in zip(one["scores"], alone["scores"])) < 1e-4, "padding leaks"
        if b == 1:
            one["first_attention"] = numbers(out.attentions[0][b, :, :t, :t])
        one["last_attention"] = numbers(out.attentions[-1][b, :, :t, :t])
        if b == 0:
            one["last_outputs"] = numbers(context[b, :t].unflatten(-1, (heads, -1)).transpose(0, 1))
            one["last_hidden"] = numbers(out.hidden_states[-1][b, :t])
    golden = {"sequences": sequences}
    if kind != "encoder":
        ids = sequences[1]["ids"]
        visible = [0 if t in (1, 4) else 1 for t in range(len(ids))]
        logits = forward(model, [ids], pad, [visible]).logits[0]
        golden["hiding"] = {"ids": ids, "visible": visible} | scores_of(logits, kind, ids, mask)
    return golden


def facts(config, kind, tokenizer):
    labels = [config.id2label[i] for i in range(config.num_labels)] if kind == "classifier" else []
    return {
        "family": config.model_type, "kind": kind, "labels": labels,
        "outputs": {"classifier": len(labels), "masked-lm": config.vocab_size, "encoder": 0}[kind],
        "layers": config.num_hidden_layers, "heads": config.num_attention_heads, "hidden": config.hidden_size,
        "inner": 48, "max_length": LENGTH, "vocabulary": config.vocab_size, "pad_id": tokenizer.pad_token_id,
        "cls_id": tokenizer.cls_token_id, "sep_id": tokenizer.sep_token_id, "mask_id": tokenizer.mask_token_id,
    }


def write_golden(folder, golden):
    """A key a line, a sequence's key a line."""
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    rows = []
    for key, value in golden.items():
        if key == "sequences":
            parts = [",\n  ".join(f"{compact(k)}:{compact(v)}" for k, v in one.items()) for one in value]
            rows.append('"sequences":[\n ' + ",\n ".join("{" + part + "}" for part in parts) + "]")
        else:
            rows.append(f"{compact(key)}:{compact(value)}")
    (folder / "golden.json").write_text("{" + ",\n".join(rows) + "}\n")


# ---- Folders


def fresh(name):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def edit_weights(folder, change):
    file = folder / "model.safetensors"
    weights = load_file(file)
    save_file(change(weights), file, metadata={"format": "pt"})


def old_names(weights):
    old = lambda n: n.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    return {old(name): weight for name, weight in weights.items()}


def edit_config(folder, change):
    file = folder / "config.json"
    config = json.loads(file.read_text())
    change(config)
    file.write_text(json.dumps(config, indent=1) + "\n")


def write_model(name, family, kind, seed, saved_as=None, dtype=torch.float32, shard="50GB", weights=None, config=None,
                **options):
    """saved_as: the class that writes the folder where it has more heads than `kind` answers with."""
    folder = fresh(name)
    tokenizer = write_tokenizer(folder, family, kind)
    if kind == "classifier" and not options.keys() & {"num_labels", "id2label"}:
        options |= dict(id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)})
    special = {"pad_token_id": tokenizer.pad_token_id}
    model = make_model(family, saved_as or kind, len(tokenizer), special, seed, **options)
    model.to(dtype).save_pretrained(folder, max_shard_size=shard)
    (folder / "generation_config.json").unlink(missing_ok=True)
    if weights:
        edit_weights(folder, weights)
    if config:
        edit_config(folder, config)
    # the answers are those of what was written, read again by Transformers
    reader = getattr(transformers, CLASSES[family] + HEADS[kind])
    read, info = reader.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32,
                                        output_loading_info=True)
    missing = [key for key in info["missing_keys"] if "pooler" not in key]
    assert not missing, (name, missing)
    golden = {"base": "."} | facts(read.config, kind, tokenizer) | answers(read.eval(), tokenizer, kind, seed)
    write_golden(folder, golden)
    report(folder, golden)


def report(folder, golden):
    size = sum(file.stat().st_size for file in folder.iterdir())
    first = golden["sequences"][0]
    tokens, rows = len(first["ids"]), torch.tensor(first["last_attention"]).view(golden["heads"], -1, len(first["ids"]))
    entropy = -(rows * (rows + 1e-12).log()).sum(-1).mean() / math.log(tokens)
    print(f"{folder.name:24} {size / 1000:6.1f} KB  entropy {entropy:.2f}  scores {first.get('scores', [])[:3]}")
    assert size < 250_000


def variants():
    write_model("bert-encoder", "bert", "encoder", 20)
    positions = {"bert.embeddings.position_ids": torch.arange(LENGTH).unsqueeze(0)}
    write_model("bert-old-names", "bert", "classifier", 21, weights=lambda w: old_names(w) | positions)
    write_model("bert-pretraining", "bert", "masked-lm", 22, saved_as="pretraining", weights=old_names,
                config=lambda c: c.update(architectures=["BertForMaskedLM"]))
    write_model("bert-no-labels", "bert", "classifier", 23, num_labels=2,
                config=lambda c: [c.pop(key, None) for key in ("id2label", "label2id")])
    write_model("bert-one-label", "bert", "classifier", 24, num_labels=1, hidden_act="relu")
    write_model("bert-f16", "bert", "classifier", 25, dtype=torch.float16)
    write_model("bert-bf16", "bert", "classifier", 26, dtype=torch.bfloat16)
    write_model("bert-untied", "bert", "masked-lm", 27, hidden_act="gelu_new", tie_word_embeddings=False)
    write_model("bert-shards", "bert", "classifier", 28, shard="40KB")
    write_model("albert-groups", "albert", "masked-lm", 29, num_hidden_groups=2)
    assert "cls.predictions.decoder.weight" in load_file(HERE / "bert-untied" / "model.safetensors")


# ---- Adapters


def write_adapter(name, base, seed, refused=None, config=None, **options):
    from peft import LoraConfig, PeftModel, get_peft_model

    folder = fresh(name)
    source = HERE / base
    tokenizer = AutoTokenizer.from_pretrained(source)
    load = lambda: transformers.AutoModelForSequenceClassification.from_pretrained(source, attn_implementation="eager",
                                                                                   dtype=torch.float32)
    settings = dict(task_type="SEQ_CLS", r=4, lora_alpha=8, lora_dropout=0.1, target_modules=["query", "value"],
                    modules_to_save=["classifier"])
    adapted = get_peft_model(load(), LoraConfig(**(settings | options)))
    lots = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for _, weight in sorted((n, p) for n, p in adapted.named_parameters() if p.requires_grad):
            weight.copy_(0.3 * torch.randn(weight.shape, generator=lots))
    adapted.peft_config["default"].base_model_name_or_path = base
    adapted.save_pretrained(folder)
    (folder / "README.md").unlink()
    file = folder / "adapter_config.json"
    saved = json.loads(file.read_text())
    saved["target_modules"] = sorted(saved["target_modules"])  # PEFT writes a set in any order
    file.write_text(json.dumps(config(saved) if config else saved, indent=1, sort_keys=True) + "\n")
    golden = {"base": base}
    if refused:
        write_golden(folder, golden | {"refused": refused})
        return
    read = PeftModel.from_pretrained(load(), folder).eval()
    golden |= facts(read.config, "classifier", tokenizer) | answers(read, tokenizer, "classifier", seed)
    write_golden(folder, golden)
    report(folder, golden)


def short(config):
    keys = ("peft_type", "r", "lora_alpha", "lora_dropout", "target_modules", "base_model_name_or_path", "bias")
    return {key: config[key] for key in keys}


def adapters():
    write_adapter("lora-query-value", "bert-classifier", 40)
    write_adapter("lora-all-linear", "bert-classifier", 41, target_modules="all-linear")
    write_adapter("lora-rslora", "bert-classifier", 42, use_rslora=True)
    write_adapter("lora-patterns", "bert-classifier", 43, target_modules=["query", "value", "intermediate.dense"],
                  rank_pattern={"query": 2}, alpha_pattern={"layer.1.attention.self.value": 3})
    write_adapter("lora-roberta", "roberta-classifier", 44, target_modules=["query", "key", "attention.output.dense"])
    write_adapter("lora-short-config", "bert-classifier", 45, modules_to_save=None, task_type=None, config=short)
    write_adapter("lora-dora", "bert-classifier", 46, use_dora=True, refused="DoRA")


def main():
    torch.set_num_threads(1)
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    for number, family in enumerate(FAMILIES):
        write_model(f"{family}-classifier", family, "classifier", 2 * number)
        write_model(f"{family}-masked-lm", family, "masked-lm", 2 * number + 1)
    variants()
    adapters()


if __name__ == "__main__":
    main()
