#!/usr/bin/env python3
"""Writes the vocabularies and golden files of this folder.

    pip install tokenizers==0.23.3 transformers==5.23.0 sentencepiece==0.2.1 protobuf
    tests/models/tokenizers/make_golden.py        # from the project's root, after scripts/setup

  hard_lines.txt         the lines below, a line each, some of them ill-formed UTF-8
  <vocabulary>/          a small tokenizer as Transformers saves it, trained on the text below and the hard lines
  <vocabulary>.golden    its answer to each hard line: ID:BEGIN-END a token, bytes of the line
  every_code_point.txt   which code points are in each class of the libraries' tables, and a digest of their mappings

Ill-formed bytes are U+FFFD, as errors="replace" has them; what stands for one has the bytes as its span.
"""
import codecs
import json
import pathlib

from transformers import AutoTokenizer

HERE = pathlib.Path(__file__).resolve().parent
MINILM = HERE.parents[2] / ".deps" / "minilm"

LINES = [
    b"",
    b" ",
    b"The film was surprisingly good, and I would see it again!",
    b"don't can't we're I've I'm they'll he'd 'S 'T rock'n'roll '' ``quoted'' \"plain\"",
    "Caf\u00e9 na\u00efve r\u00e9sum\u00e9 \u00c5ngstr\u00f6m \u00fcber Stra\u00dfe STRASSE \u1e9e".encode(),
    "Cafe\u0301 nai\u0308ve A\u030angstro\u0308m (decomposed) a\u0323\u0301 a\u0301\u0323".encode(),
    "\u0130stanbul \u0131\u015f\u0131k I\u0307zmir DI\u015eARI i\u0307".encode(),
    "\ufb01nd the \ufb02ow o\ufb03ce \u2163 \u00bd \u00b2 \u2122 \uff21\uff22\uff23 \u3392".encode(),
    "\u6771\u4eac\u306b\u884c\u304d\u307e\u3059\u3002 \u4f60\u597d\uff0c\u4e16\u754c\uff01 \uc548\ub155\ud558\uc138\uc694".encode(),
    "\U00020000\U0002a6d6\U0002b740\U0002b820\U0002b920\U0002f800 extension B and beyond".encode(),
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea \u2764\ufe0f \U0001f600".encode(),
    b"tab\tbell\x07 null\x00here escape\x1b[0m delete\x7f unit\x1f",
    "next\u0085line separator\u2028paragraph\u2029form\x0cfeed\x0bvertical".encode(),
    "zero\u200bwidth joiner\u200dnon\u200cjoiner soft\u00adhyphen \ufeffmark word\u2060joiner".encode(),
    "no\u00a0break narrow\u202fspace ideographic\u3000space thin\u2009space ogham\u1680space".encode(),
    b"carriage return at the end\r",
    b"two  blanks   three    four  ",
    b"   leading blanks and trailing \t ",
    b"a" * 100,
    b"a" * 101,
    "\u00e9".encode() * 100 + b" " + "e\u0301".encode() * 101,
    b"supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis",
    b"bad \xff byte, \xc3( half, \xe2\x82 cut, \xf0\x9f\x98 cut, \xed\xa0\x80 surrogate, \xc0\xaf long, \xf4\x90\x80\x80 high",
    b"\xe2\x82",
    b"\x80\x80\x80",
    "replacement \ufffd itself, noncharacter \uffff \ufdd0, private \ue000 \U000f0000".encode(),
    b"[CLS] the [MASK] was good [SEP] [PAD] [UNK] [mask] [MASK]ed un[MASK] [ MASK ]",
    b"<s>the <mask> was good</s> <pad> <unk>  <mask>  <MASK> <mask>ed",
    "\u3000<mask>\u3000 [MASK]\u00a0".encode(),
    b"3.14159 1,000,000 $5.00 50% #1 @user http://example.org/a?b=c&d=e a_b-c *bold* ~x^2",
    "\u0661\u0662\u0663 \u096a\u096b \u2460 \u4e09 \U0001d7d8 \u0be7".encode(),
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0650\u0633\u0652\u0645\u0650 \u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd \u0928\u092e\u0938\u094d\u0924\u0947 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35".encode(),
    "\u041f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 \u0419\u043e\u0433 \u0415\u0308 \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u039f\u0394\u039f\u03a3".encode(),
    "\u1ec7 e\u0323\u0302 e\u0302\u0323 \u01d5 \u1e69 s\u0307\u0323 \u212b \u2126 \uac01 \u1100\u1161\u11a8".encode(),
    "new in 11 to 17: \u1c90\u10d0 \u1c89\u1c8a \ua7cb \U00010d50 \U00016ea0 \U0001fae8 \u20c0 \U00031350 \U0002ebf0".encode(),
    "marks \u0898 \u1734 \u1885 \ua9bd \U000111c9 \u166d \U00011938 \u1cf2 punctuation \u061d \u2e5d".encode(),
    "dashes \u2013 \u2014 \u2212 quotes \u201cso\u201d \u2018it\u2019s\u2019 ellipsis\u2026 \u00abici\u00bb \u00bfqu\u00e9? \u00a1s\u00ed!".encode(),
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324 over \u0301 alone \u0301\u0301".encode(),
    b"it\xe2\x80\x99s its' 's s' ' '' '''s 'll 'x",
    "\u2581under\u2581score \u2581 a\u2581b \u0120 \u010a".encode(),
    b"##ing ## # ing##",
    b"<br /><br />A review, as they are written on the net...Really?!?!",
    "e\u0301\u200d\u0301 \u0915\u094d\u200d\u0937 \u0e33 \r\u0301 x\ufe0f\u20e3 \u1100\u1100\u1161".encode(),
]

TEXT = """
A small film about large things. The actors play well together, and the story keeps moving.
It is not the best picture of the year, but it is an honest one, and that is rare enough.
I liked the beginning; the ending was too long, too loud and nowhere near as clever as it thinks.
Nobody laughed in the whole room, which says more about the jokes than about the audience.
We watched it twice: once for the music, and once more for the wonderful photography.
Ein kleiner Film mit viel Gef\u00fchl. Die Stra\u00dfe war leer, und niemand sprach.
Un film na\u00eff, d\u00e9j\u00e0 vu, mais tr\u00e8s bien jou\u00e9 par ses acteurs.
Una pel\u00edcula peque\u00f1a, hermosa y muy triste. \u00bfPor qu\u00e9 no la vimos antes?
Это хороший фильм, и музыка в нём прекрасна.
\u3053\u306e\u6620\u753b\u306f\u3068\u3066\u3082\u9762\u767d\u3044\u3002
\u8fd9\u90e8\u7535\u5f71\u5f88\u597d\u770b\u3002
Don't miss it, they're great, we've seen it, I'll go again, he'd rather not, I'm sure.
""".strip()


def decode(line):
    """The text of a line, and for each of its characters the bytes that it stands for."""
    bad = []
    codecs.register_error("noted", lambda e: (bad.append((e.start, e.end)), ("\ufffd", e.end))[1])
    text = line.decode("utf-8", errors="noted")
    bad = dict(bad)
    spans, at = [], 0
    for c in text:
        end = bad[at] if c == "\ufffd" and at in bad else at + len(c.encode())
        spans.append((at, end))
        at = end
    assert at == len(line)
    return text, spans


def answer(tokenizer, line):
    text, spans = decode(line)
    encoding = tokenizer.encode(text)
    out = []
    for token, (begin, end) in zip(encoding.ids, encoding.offsets):
        if begin < end:
            begin, end = spans[begin][0], spans[end - 1][1]
        else:
            begin = end = spans[begin][0] if 0 < begin < len(spans) else len(line) if begin else 0
        out.append(f"{token}:{begin}-{end}")
    return " ".join(out)


def reference(folder, kind=AutoTokenizer):
    tokenizer = kind.from_pretrained(folder).backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def write_golden(name, tokenizer):
    (HERE / f"{name}.golden").write_text("".join(answer(tokenizer, line) + "\n" for line in LINES))


def corpus():
    return TEXT.split("\n") * 3 + [decode(line)[0] for line in LINES]


def fresh(name):
    """A new folder, or None for one that is there: training draws lots, so what was trained is kept."""
    folder = HERE / name
    if folder.exists():
        return None
    folder.mkdir()
    return folder


def keep_only(folder, *names):
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink()


# ---- WordPiece: tokenizer.json, and vocab.txt alone of a cased model


def bert(name, lowercase):
    from tokenizers.implementations import BertWordPieceTokenizer
    from transformers import BertTokenizer

    if folder := fresh(name):
        trained = BertWordPieceTokenizer(lowercase=lowercase)
        trained.train_from_iterator(corpus(), vocab_size=600, min_frequency=2, show_progress=False)
        trained.save_model(str(folder))
        if lowercase:
            BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
            keep_only(folder, "tokenizer.json", "tokenizer_config.json")
        else:
            config = {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "strip_accents": False}
            (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
    write_golden(name, reference(HERE / name))


# ---- byte-level BPE: tokenizer.json, and vocab.json with merges.txt


def roberta():
    from tokenizers.implementations import ByteLevelBPETokenizer
    from transformers import RobertaTokenizer

    files = HERE / "roberta-files"
    if fresh("roberta-files"):
        special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        trained = ByteLevelBPETokenizer()
        trained.train_from_iterator(corpus(), vocab_size=700, min_frequency=2, special_tokens=special,
                                    show_progress=False)
        trained.save_model(str(files))
    write_golden("roberta-files", reference(files, RobertaTokenizer))

    if folder := fresh("roberta"):
        RobertaTokenizer(vocab=str(files / "vocab.json"), merges=str(files / "merges.txt"),
                         add_prefix_space=True).save_pretrained(folder)
        keep_only(folder, "tokenizer.json", "tokenizer_config.json")
    write_golden("roberta", reference(HERE / "roberta"))


# ---- SentencePiece: the model alone, and the tokenizer.json that Transformers makes of it

# A few of NFKC's rules and SentencePiece's own for blanks, so that the files stay small.
RULES = {"\uff21": "A", "\uff22": "B", "\uff23": "C", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\u2163": "IV",
         "\u00bd": "1\u20442", "\u00b2": "2", "\u2122": "TM", "\u3392": "MHz", "\t": " ", "\r": " ", "\n": " ",
         "\u00a0": " ", "\u3000": " ", "\u2009": " ", "\u200b": " ", "\ufeff": " ", "\x07": "", "\x7f": "", "\u00ad": "",
         "\u2581": " ", "\u2460": "1", "\u212b": "\u00c5", "e\u0301": "\u00e9", "i\u0308": "\u00ef", "A\u030a": "\u00c5",
         "\u1100\u1161": "\uac00", "\u1100\u1161\u11a8": "\uac01", "\u2026": "..."}


def sentencepiece_model(file, kind, **options):
    import io

    import sentencepiece

    rules = pathlib.Path(file.with_suffix(".tsv").name)  # here: the trainer notes the path in the model
    code = lambda text: " ".join("%X" % ord(c) for c in text)
    rules.write_text("".join(f"{code(a)}\t{code(b)}\n" for a, b in RULES.items()))
    lines = [line for line in corpus() if line.strip() and "\0" not in line]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, model_type=kind, vocab_size=400, character_coverage=0.98,
        normalization_rule_tsv=str(rules), hard_vocab_limit=False, num_threads=1, minloglevel=2, **options)
    rules.unlink()
    file.write_bytes(model.getvalue())


def from_model(name, file, config, **options):
    if folder := fresh(name + "-model"):
        sentencepiece_model(folder / file, **options)
        (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
    model = HERE / (name + "-model")
    write_golden(model.name, reference(model))
    if folder := fresh(name):
        AutoTokenizer.from_pretrained(model).save_pretrained(folder)
        keep_only(folder, "tokenizer.json", "tokenizer_config.json")
    write_golden(name, reference(HERE / name))


# ---- What other families' tokenizers do differently, on the vocabularies above


def deberta():
    """SentencePiece's blanks by a pattern, and NFC."""
    if folder := fresh("deberta"):
        from transformers import DebertaV2Tokenizer

        pieces = json.loads((HERE / "albert" / "tokenizer.json").read_text())["model"]["vocab"]
        DebertaV2Tokenizer(vocab=[tuple(piece) for piece in pieces], unk_token="<unk>", pad_token="<pad>",
                           do_lower_case=False).save_pretrained(folder)
        keep_only(folder, "tokenizer.json", "tokenizer_config.json")
    write_golden("deberta", reference(HERE / "deberta"))


def modernbert():
    """Byte-level BPE after NFC, without a blank before the first word."""
    if folder := fresh("modernbert"):
        from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
        from transformers import PreTrainedTokenizerFast

        files = HERE / "roberta-files"
        tokenizer = Tokenizer(models.BPE.from_file(str(files / "vocab.json"), str(files / "merges.txt")))
        tokenizer.normalizer, tokenizer.decoder = normalizers.NFC(), decoders.ByteLevel()
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, cls_token="<s>", sep_token="</s>", mask_token="<mask>",
                                pad_token="<pad>", unk_token="<unk>").save_pretrained(folder)
        keep_only(folder, "tokenizer.json", "tokenizer_config.json")
    write_golden("modernbert", reference(HERE / "modernbert"))


# ---- What the libraries' tables say about every code point


def runs(points):
    out = []
    for c in points:
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return " ".join(f"{a:X}-{b:X}" for a, b in out)


def digest(texts):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in "\n".join(texts).encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def write_every_code_point():
    from tokenizers import normalizers, pre_tokenizers

    points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    pattern = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bert, space = pre_tokenizers.BertPreTokenizer(), pre_tokenizers.WhitespaceSplit()
    clean = normalizers.BertNormalizer(handle_chinese_chars=False, strip_accents=False, lowercase=False)
    accents = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, lowercase=False,
                                         strip_accents=True)
    chinese = normalizers.BertNormalizer(clean_text=False, strip_accents=False, lowercase=False)
    marks = normalizers.StripAccents()
    classes = {
        "letter": lambda c: len(pattern.pre_tokenize_str("a" + c + c + "a")) == 1,
        "number": lambda c: len(pattern.pre_tokenize_str("1" + c + "1")) == 1,
        "space": lambda c: len(space.pre_tokenize_str("a" + c + "a")) == 2,
        "bert_control": lambda c: clean.normalize_str("a" + c + "a") == "aa" and c not in "\0\ufffd",
        "bert_punctuation": lambda c: len(bert.pre_tokenize_str("a" + c + "a")) == 3,
        "bert_cjk": lambda c: chinese.normalize_str(c) == f" {c} ",
        "nonspacing_mark": lambda c: accents.normalize_str(c) == "",
        "mark": lambda c: marks.normalize_str(c) == "",
    }
    lines = [f"{name} {runs(c for c in points if holds(chr(c)))}" for name, holds in classes.items()]
    for name, step in (("lower", normalizers.Lowercase()), ("nfd", normalizers.NFD()), ("nfkd", normalizers.NFKD()),
                       ("nfc", normalizers.NFC()), ("nfkc", normalizers.NFKC())):
        lines.append(f"{name} {digest(step.normalize_str(chr(c)) for c in points)}")
    (HERE / "every_code_point.txt").write_text("\n".join(lines) + "\n")


def main():
    (HERE / "hard_lines.txt").write_bytes(b"".join(line + b"\n" for line in LINES))
    write_every_code_point()
    bert("bert-uncased", lowercase=True)
    bert("bert-cased", lowercase=False)
    write_golden("minilm", reference(MINILM))
    roberta()
    from_model("xlm-roberta", "sentencepiece.bpe.model", {"tokenizer_class": "XLMRobertaTokenizer"}, kind="unigram")
    from_model("albert", "spiece.model", {"tokenizer_class": "AlbertTokenizer"}, kind="unigram", pad_id=0, unk_id=1,
               bos_id=-1, eos_id=-1, control_symbols=["[CLS]", "[SEP]"], user_defined_symbols=["[MASK]"])
    deberta()
    modernbert()


if __name__ == "__main__":
    main()
