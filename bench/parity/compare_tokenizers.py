#!/usr/bin/env python3
"""Compares `whyformer tokenize` with the Hugging Face fast tokenizer, line by line: ids, and offsets in bytes.

    pip install tokenizers transformers sentencepiece protobuf
    bench/parity/compare_tokenizers.py --model .deps/minilm FILE…            # a text a line
    bench/parity/compare_tokenizers.py --model .deps/minilm --sst2 DIR       # train.tsv, dev.tsv and test.tsv, label cut off
    bench/parity/compare_tokenizers.py --model .deps/minilm --imdb DIR --limit 5000   # aclImdb; every 10th review
    bench/parity/compare_tokenizers.py --make DIR --sst2 SST2                # trains a vocabulary of each kind on the lines

Prints the number of lines, of lines that differ in ids and in offsets, the first of each, and both speeds. Exits
with 1 if any line's ids differ.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def lines_of(file):
    """Whether or not the last line is ended."""
    lines = pathlib.Path(file).read_bytes().split(b"\n")
    return lines if lines[-1] else lines[:-1]


def read_lines(arguments):
    lines = []
    for file in arguments.files:
        lines += lines_of(file)
    if arguments.sst2:
        for part in ("train", "dev", "test"):
            rows = lines_of(pathlib.Path(arguments.sst2) / f"{part}.tsv")
            lines += [row.rsplit(b"\t", 1)[0] for row in rows]
    if arguments.imdb:
        reviews = sorted(pathlib.Path(arguments.imdb).glob("t*/[np]*/*.txt"))
        lines += [review.read_bytes().replace(b"\n", b" ") for review in reviews[::10]]
    return lines[: arguments.limit]


def ours(program, model, lines):
    text = b"".join(line + b"\n" for line in lines)
    started = time.perf_counter()
    ids = subprocess.run([program, "tokenize", "--model", model], input=text, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - started
    rich = subprocess.run([program, "tokenize", "--json", "--model", model], input=text, stdout=subprocess.PIPE,
                          check=True)
    answers = [json.loads(line) for line in rich.stdout.split(b"\n")[:-1]]
    plain = [list(map(int, line.split())) for line in ids.stdout.split(b"\n")[:-1]]
    assert plain == [answer["ids"] for answer in answers], "--json gives other ids"
    return answers, seconds


def byte_offsets(text, offsets):
    at, starts = 0, [0]
    for c in text:
        at += len(c.encode())
        starts.append(at)
    return [[starts[begin], starts[end]] for begin, end in offsets]


def theirs(model, lines):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model).backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    texts = [line.decode("utf-8", errors="replace") for line in lines]
    started = time.perf_counter()
    encodings = [tokenizer.encode(text) for text in texts]
    seconds = time.perf_counter() - started
    return [(e.ids, byte_offsets(text, e.offsets)) for e, text in zip(encodings, texts)], seconds


def compare(arguments, lines):
    mine, my_seconds = ours(arguments.program, arguments.model, lines)
    other, other_seconds = theirs(arguments.model, lines)
    assert len(mine) == len(other) == len(lines)
    ids = [i for i in range(len(lines)) if mine[i]["ids"] != other[i][0]]
    spans = [i for i in range(len(lines)) if mine[i]["spans"] != other[i][1] and i not in set(ids)]
    tokens = sum(len(answer["ids"]) for answer in mine)
    print(f"{arguments.model}: {len(lines)} lines, {tokens} tokens, ids differ in {len(ids)}, offsets in {len(spans)}; "
          f"{len(lines) / my_seconds:.0f} lines a second with start-up, {len(lines) / other_seconds:.0f} in Python")
    for i in ids[: arguments.show]:
        print(f"  ids, line {i + 1}: {lines[i]!r}\n    ours   {mine[i]['ids']}\n    theirs {other[i][0]}")
    for i in spans[: arguments.show]:
        pairs = [(p, a, b) for p, a, b in zip(mine[i]["pieces"], mine[i]["spans"], other[i][1]) if a != b]
        print(f"  offsets, line {i + 1}: {pairs[:4]}")
    return not ids


def make(folder, lines):
    """A vocabulary of each kind, as large as a real one's rare words need."""
    import io

    import sentencepiece
    from tokenizers.implementations import BertWordPieceTokenizer, ByteLevelBPETokenizer
    from transformers import AutoTokenizer, BertTokenizer, RobertaTokenizer

    texts = [line.decode("utf-8", errors="replace") for line in lines]
    folder = pathlib.Path(folder)
    raw = folder / "raw"
    raw.mkdir(parents=True)
    wordpiece = BertWordPieceTokenizer(lowercase=True)
    wordpiece.train_from_iterator(texts, vocab_size=8000, show_progress=False)
    wordpiece.save_model(str(raw))
    BertTokenizer(vocab=str(raw / "vocab.txt")).save_pretrained(folder / "wordpiece")
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(texts, vocab_size=8000, show_progress=False,
                            special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    bpe.save_model(str(raw))
    RobertaTokenizer(vocab=str(raw / "vocab.json"), merges=str(raw / "merges.txt")).save_pretrained(folder / "bpe")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(texts), model_writer=model, vocab_size=8000,
                                             model_type="unigram", minloglevel=2)
    alone = folder / "sentencepiece-model"
    alone.mkdir()
    (alone / "sentencepiece.bpe.model").write_bytes(model.getvalue())
    (alone / "tokenizer_config.json").write_text('{"tokenizer_class": "XLMRobertaTokenizer"}\n')
    AutoTokenizer.from_pretrained(alone).save_pretrained(folder / "sentencepiece")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--model", help="a Hugging Face folder with a tokenizer")
    parser.add_argument("--make", metavar="DIR", help="train vocabularies into this new folder, compare nothing")
    parser.add_argument("--sst2", metavar="DIR")
    parser.add_argument("--imdb", metavar="DIR")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--show", type=int, default=3, help="how many lines that differ are printed")
    parser.add_argument("--program", default=str(ROOT / "build" / "whyformer"))
    arguments = parser.parse_args()
    lines = read_lines(arguments)
    if not lines:
        parser.error("no lines: give a FILE, --sst2 or --imdb")
    if arguments.make:
        make(arguments.make, lines)
        return
    if not arguments.model:
        parser.error("--model is needed")
    sys.exit(0 if compare(arguments, lines) else 1)


if __name__ == "__main__":
    main()
