"""What the export scripts share: tracing with a check, and writing a bundle."""
import importlib
import json
import pathlib
import sys
import warnings

TOLERANCE = 1e-4  # of a score; another batch and length change the last digits


class Refused(Exception):
    """The caller's mistake, or a model that cannot be had: one sentence."""


def need(package, install):
    """The package, or one sentence on how to get it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise Refused(f"{package} cannot be imported ({error}); the Python that runs this wants: pip install {install}")


def run(main):
    """Exit code 2 and the sentence for what was refused."""
    warnings.filterwarnings("ignore")  # the libraries' own; of tracing, that a shape may be fixed: that is tried here
    try:
        main()
    except Refused as refusal:
        print(f"{pathlib.Path(sys.argv[0]).name}: {refusal}", file=sys.stderr)
        sys.exit(2)


def new_folder(path):
    folder = pathlib.Path(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is there already, and is not an empty folder")
    return folder


def mask_of(lengths):
    """[B, T]: 1 at the first lengths[b] places of row b."""
    torch = need("torch", "torch")
    return (torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)).long()


def trace(name, model, draw_ids, lengths, other_lengths):
    """The TorchScript module of `model`(ids, mask), traced on one batch and compared with it on others.

    draw_ids(lengths) gives ids [B, T], padded. Refused if it cannot be traced, if its answer to another batch or
    length differs, or if its answer to a sequence changes with the padding beside it.
    """
    torch = need("torch", "torch")
    traced_on = f"traced on {len(lengths)} sequences of {max(lengths)} ids"
    largest = 0.0
    with torch.no_grad():
        try:
            traced = torch.jit.trace(model, (draw_ids(lengths), mask_of(lengths)), check_trace=False)
        except Exception as error:  # whatever a model's Python code throws when it is traced
            raise Refused(f"{name} cannot be traced by torch.jit.trace: {first_line(error)}")
        for batch in other_lengths:
            ids, mask = draw_ids(batch), mask_of(batch)
            wanted = model(ids, mask)
            try:
                difference = (traced(ids, mask) - wanted).abs().max().item()
            except Exception as error:
                raise Refused(f"{name} cannot be exported: {traced_on}, it fails on {len(batch)} of {max(batch)}: "
                              f"{first_line(error)}")
            if not difference <= TOLERANCE:  # nor when it is NaN
                raise Refused(f"{name} cannot be exported: {traced_on}, its answer to {len(batch)} of {max(batch)} is "
                              f"off by {difference:.3g}")
            largest = max(largest, difference)
            check_padding(name, model, ids, batch, wanted)
    return traced, largest


def check_padding(name, model, ids, lengths, wanted):
    b = lengths.index(min(lengths))
    alone = model(ids[b : b + 1, : lengths[b]], mask_of([lengths[b]]))
    difference = (alone[0] - wanted[b]).abs().max().item()
    if not difference <= 10 * TOLERANCE:
        raise Refused(f"{name} cannot be exported: its answer to a sequence changes by {difference:.3g} with the "
                      "padding beside it")


def first_line(error):
    """What an exception says, less the interpreter's traceback that TorchScript puts around it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    return lines[-1] if lines[0].startswith("The following operation failed") else lines[0]


def write_bundle(folder, module, keys, provenance, items=None):
    """model.pt, bundle.yaml and items.txt; `keys` in the order in which they are to stand."""
    folder.mkdir(parents=True, exist_ok=True)
    module.save(str(folder / "model.pt"))
    if items is not None:
        (folder / "items.txt").write_text("".join(item + "\n" for item in items), encoding="utf-8")
    quoted = lambda value: json.dumps(value, ensure_ascii=False)  # JSON is YAML
    lines = ["format: 1"] + [f"{key}: {quoted(value)}" for key, value in keys.items()]
    lines += ["provenance:"] + [f"  {key}: {quoted(value)}" for key, value in provenance.items()]
    (folder / "bundle.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
