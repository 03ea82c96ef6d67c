#!/usr/bin/env python3
"""Turns a sequence-classification or masked-word model of Transformers into a bundle.

For families that `whyformer import` does not read (DeBERTa-v2, MPNet, ModernBERT, ...). The model is traced to
TorchScript and compared with itself on other batches and lengths; one that cannot be traced so is refused. Traced on
the CPU, the file is for the CPU. Runs in your Python, with torch and transformers; Whyformer itself needs none of it.

    scripts/export_hf.py MODEL --output BUNDLE
    build/whyformer attention --model BUNDLE --text "..." --output attention.npy

MODEL is a folder with config.json, weights and tokenizer, or a name that Transformers finds.
"""
import argparse
import pathlib

from export_common import Refused, need, new_folder, run, trace, write_bundle

KINDS = {"classifier": "ForSequenceClassification", "masked-lm": "ForMaskedLM"}
LONGEST_CHECK = 512  # ids; a longer check costs minutes


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL", help="a folder, or a name that Transformers finds")
    parser.add_argument("--output", required=True, metavar="BUNDLE", help="a new folder")
    parser.add_argument("--kind", choices=KINDS, help="which head; by default what config.json names")
    parser.add_argument("--attention", choices=["eager", "sdpa"], default="eager",
                        help="how attention is computed; Whyformer reads both (default: eager)")
    parser.add_argument("--max-length", type=int, metavar="N", help="longest input in ids; by default the model's own")
    return parser.parse_args()


# ---- The model


def kind_of(config, asked):
    architecture = (config.architectures or ["none"])[0]
    kinds = [asked] if asked else [kind for kind, ending in KINDS.items() if architecture.endswith(ending)]
    if not kinds:
        raise Refused(f"the architecture is {architecture}, which is neither a ...ForSequenceClassification nor a "
                      "...ForMaskedLM; --kind asks for one of its heads")
    return kinds[0]


def load(transformers, arguments):
    if arguments.model.startswith(("/", ".", "~")) and not pathlib.Path(arguments.model).is_dir():
        raise Refused(f"there is no folder {arguments.model}")
    try:
        config = transformers.AutoConfig.from_pretrained(arguments.model)
        kind = kind_of(config, arguments.kind)
        auto = getattr(transformers, "AutoModel" + KINDS[kind])
        model, info = auto.from_pretrained(arguments.model, attn_implementation=arguments.attention,
                                           output_loading_info=True)
        tokenizer = transformers.AutoTokenizer.from_pretrained(arguments.model)
    except (OSError, ValueError, ImportError, KeyError) as error:
        sentence = " ".join(str(error).split()).split(". ")[0]
        raise Refused(f"{arguments.model} cannot be loaded: {sentence}")
    if info["missing_keys"]:
        raise Refused(f"{arguments.model} has no weights for {', '.join(sorted(info['missing_keys'])[:3])}, which its "
                      f"{kind} head needs; random ones would explain nothing")
    return kind, model.float().eval(), tokenizer


def labels_of(config, kind):
    if kind != "classifier":
        return None
    if config.num_labels < 2:
        raise Refused("the model has one output: a number, no verdict that a word could change")
    if config.problem_type == "multi_label_classification":
        raise Refused("the model gives several labels at once: no one verdict to explain")
    return [str(config.id2label[i]) for i in range(config.num_labels)]


def longest_input(model, tokenizer, asked):
    """Positions less those that families after RoBERTa leave to padding; at most what the tokenizer allows."""
    limits = [asked or tokenizer.model_max_length]
    positions = getattr(model.config, "max_position_embeddings", None)
    if positions and positions > 0:
        tables = [m for name, m in model.named_modules() if name.endswith("position_embeddings")]
        reserved = [m.padding_idx + 1 for m in tables if getattr(m, "padding_idx", None) is not None]
        limits.append(positions - max(reserved, default=0))
    if asked and asked > min(limits):
        raise Refused(f"--max-length {asked} is more than the {min(limits)} ids that the model takes")
    if min(limits) > 1_000_000:
        raise Refused("neither the model nor its tokenizer says how long an input may be; --max-length does")
    return min(limits)


def wrapper(model, kind, mask_id):
    """forward(ids, mask) -> scores [B, outputs]; of a masked-lm those at the first mask."""
    torch = need("torch", "torch")

    class Scores(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids, mask):
            logits = self.model(input_ids=ids, attention_mask=mask, return_dict=False)[0]
            if kind == "classifier":
                return logits
            first = (ids == mask_id).long().argmax(1)
            return logits.gather(1, first.view(-1, 1, 1).expand(-1, 1, logits.size(2))).squeeze(1)

    return Scores().eval()


def drawn_ids(vocabulary, pad, mask_id):
    """Random ids, padded; a mask at the third place, which a masked-lm is asked about."""
    torch = need("torch", "torch")
    lots = torch.Generator().manual_seed(0)

    def draw(lengths):
        ids = torch.randint(0, vocabulary, [len(lengths), max(lengths)], generator=lots)
        ids[ids == pad] = (pad + 1) % vocabulary
        if mask_id is not None:
            ids[ids == mask_id] = (mask_id + 1) % vocabulary
            ids[:, min(2, min(lengths) - 1)] = mask_id
        for b, length in enumerate(lengths):
            ids[b, length:] = pad
        return ids

    return draw


# ---- The bundle


def main():
    arguments = parse()
    folder = new_folder(arguments.output)
    torch, transformers = need("torch", "torch"), need("transformers", "transformers")
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    kind, model, tokenizer = load(transformers, arguments)
    config = model.config
    labels, longest = labels_of(config, kind), longest_input(model, tokenizer, arguments.max_length)
    pad, mask_id = tokenizer.pad_token_id, tokenizer.mask_token_id
    if pad is None:
        raise Refused("the tokenizer has no padding token, which batches need")
    if kind == "masked-lm" and mask_id is None:
        raise Refused("the tokenizer has no mask token, which a masked-lm is asked at")
    if len(tokenizer) > config.vocab_size:
        raise Refused(f"the tokenizer has {len(tokenizer)} ids, but the model only {config.vocab_size}")

    # batch 2 and an odd length, then others; lengths that also fall short of a window of local attention
    checks = [[4], [8, 3, 6], [2, 17], [min(longest, LONGEST_CHECK), 11]]
    checks = [[min(length, longest) for length in lengths] for lengths in checks]
    module, difference = trace(arguments.model, wrapper(model, kind, mask_id), drawn_ids(len(tokenizer), pad, mask_id),
                               [min(7, longest), min(5, longest)], checks)
    keys = {"kind": kind, "architecture": "torchscript", "layers": config.num_hidden_layers,
            "heads": config.num_attention_heads, "hidden": config.hidden_size, "max_length": longest,
            "vocabulary": config.vocab_size, "pad_id": pad, "mask_id": -1 if mask_id is None else mask_id}
    if labels:
        keys["labels"] = labels
    provenance = {"data": f"{type(model).__name__} {arguments.model}",
                  "command": f"scripts/export_hf.py, {arguments.attention} attention",
                  "program": f"torch {torch.__version__}, transformers {transformers.__version__}"}
    write_bundle(folder, module, keys, provenance)
    tokenizer.save_pretrained(folder)
    print(f"{folder}: {kind}, {config.num_hidden_layers} layers of {config.num_attention_heads} heads, up to {longest} "
          f"ids; largest difference from {type(model).__name__} on other batches {difference:.2g}")


if __name__ == "__main__":
    run(main)
