#!/usr/bin/env python3
"""Compares attention and hidden states of an encoder in Whyformer with those of Transformers, sentence by sentence.

    pip install torch transformers numpy
    build/whyformer import .deps/minilm --output bundles/minilm
    bench/parity/compare_encoder.py --model .deps/minilm --bundle bundles/minilm

Prints the largest absolute difference over all sentences for each layer, of
  probabilities  [H,T,T], from `whyformer attention`; Transformers gives them in eager form only
  outputs        [H,T,d], probabilities times values, from `--what outputs`: linear in the hidden states that enter
                 the layer, so that these are compared too
and of the last layer's hidden states, from `--what states`, against Transformers' eager and its sdpa form, which differ
from each other too. Exits with 1 beyond --tolerance.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
WHAT = ("probabilities", "outputs")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, metavar="DIR", help="the Hugging Face folder")
    parser.add_argument("--bundle", required=True, metavar="DIR", help="what `whyformer import` made of it")
    parser.add_argument("--sentences", default=str(ROOT / "bench" / "parity" / "sentences.txt"), metavar="FILE")
    parser.add_argument("--layers", type=int, nargs="*", help="which, from 0; all by default")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--program", default=str(ROOT / "build" / "whyformer"))
    return parser.parse_args()


def ours(arguments, text, what, layer=-1):
    import numpy

    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "out.npy"
        subprocess.run([arguments.program, "attention", "--model", arguments.bundle, "--text", text, "--what", what,
                        "--layer", str(layer), "--output", str(file), "--threads", "1"],
                       check=True, stdout=subprocess.DEVNULL)
        return numpy.load(file)


class Theirs:
    """Every layer's attention and outputs of one text, eager; and the final hidden states in both forms."""

    def __init__(self, folder):
        import torch
        from transformers import AutoModel, AutoTokenizer, logging

        logging.disable_progress_bar()
        self.torch = torch
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        load = lambda form: AutoModel.from_pretrained(folder, attn_implementation=form, dtype=torch.float32).eval()
        self.eager, self.sdpa = load("eager"), load("sdpa")
        self.values = []
        for name, module in self.eager.named_modules():
            if name.rsplit(".", 1)[-1] in ("value", "v_lin"):  # BERT's name, DistilBERT's name
                module.register_forward_hook(lambda module, inputs, output: self.values.append(output[0]))
        self.layers = self.eager.config.num_hidden_layers

    def answer(self, text):
        self.values.clear()
        encoded = self.tokenizer(text, return_tensors="pt")
        with self.torch.no_grad():
            eager = self.eager(**encoded, output_attentions=True)
            sdpa = self.sdpa(**encoded)
        attention = [layer[0] for layer in eager.attentions]
        heads = attention[0].shape[0]
        outputs = [a @ v.unflatten(-1, (heads, -1)).transpose(0, 1) for a, v in zip(attention, self.values)]
        by_layer = {"probabilities": [a.numpy() for a in attention], "outputs": [o.numpy() for o in outputs]}
        return by_layer, eager.last_hidden_state[0].numpy(), sdpa.last_hidden_state[0].numpy()


def difference(got, wanted, what):
    if got.shape != wanted.shape:
        sys.exit(f"{what} are {got.shape}, not {wanted.shape}")
    return float(abs(got - wanted).max())


def main():
    arguments = parse()
    texts = [line for line in pathlib.Path(arguments.sentences).read_text(encoding="utf-8").splitlines() if line]
    theirs = Theirs(arguments.model)
    layers = range(theirs.layers) if arguments.layers is None else arguments.layers
    largest, states = {(what, layer): 0.0 for what in WHAT for layer in layers}, [0.0, 0.0, 0.0]
    for text in texts:
        wanted, eager, sdpa = theirs.answer(text)
        mine = ours(arguments, text, "states")
        pairs = [(mine, eager), (mine, sdpa), (sdpa, eager)]
        states = [max(old, difference(*pair, f"states of {text!r}")) for old, pair in zip(states, pairs)]
        for what, layer in largest:
            found = difference(ours(arguments, text, what, layer), wanted[what][layer], f"{what} of {text!r}")
            largest[what, layer] = max(largest[what, layer], found)
    print(f"{arguments.model}: {len(texts)} sentences, largest absolute differences")
    print("layer  " + "  ".join(f"{what:>13}" for what in WHAT))
    for layer in layers:
        print(f"{layer:5}  " + "  ".join(f"{largest[what, layer]:13.2g}" for what in WHAT))
    print(f"hidden states: {states[0]:.2g} from eager, {states[1]:.2g} from sdpa, which are {states[2]:.2g} apart")
    sys.exit(0 if max([*largest.values(), *states[:2]]) <= arguments.tolerance else 1)


if __name__ == "__main__":
    main()
