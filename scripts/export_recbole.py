#!/usr/bin/env python3
"""Turns a BERT4Rec or SASRec checkpoint of RecBole 1.2 into a recommender bundle, item ids included.

    scripts/export_recbole.py saved/SASRec-....pth --output BUNDLE [--data-path dataset]
    build/whyformer explain --model BUNDLE --items "..." [--data FOLDER]

RecBole numbers items in the order in which they come up and keeps no table of it in the checkpoint, so the dataset is
read again, with the checkpoint's configuration, from where it was at the training (or --data-path). A checkpoint is a
pickle: open only those that you trust. Runs in your Python, with torch and recbole.

Scores, padding on the right and the -10000 of masked positions are RecBole's, compared with its full_sort_predict on
random histories before anything is written. One thing differs, for BERT4Rec: RecBole's own evaluation appends the mask
and then cuts the first column, so that the oldest item of every history is never seen; here the whole history is seen.
RecBole's figure for a history is therefore Whyformer's for the same history without its oldest item.
"""
import argparse
import pathlib

from export_common import TOLERANCE, Refused, mask_of, need, new_folder, run, trace, write_bundle

INSTALL = "recbole==1.2.1 'numpy<2'"
MODELS = ("BERT4Rec", "SASRec")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", metavar="FILE.pth", help="what RecBole's trainer saved")
    parser.add_argument("--output", required=True, metavar="BUNDLE", help="a new folder")
    parser.add_argument("--data-path", metavar="DIR",
                        help="the folder that holds the dataset's folder of atomic files (RecBole's data_path)")
    return parser.parse_args()


# ---- What RecBole saved


def load_checkpoint(file):
    torch = need("torch", "torch")
    if not pathlib.Path(file).is_file():
        raise Refused(f"there is no file {file}")
    need("recbole.config", INSTALL)
    try:
        checkpoint = torch.load(file, map_location="cpu", weights_only=False)
        config, weights = checkpoint["config"], checkpoint["state_dict"]
    except Exception as error:  # a pickle can fail in any way
        raise Refused(f"{file} is not a checkpoint of RecBole: {type(error).__name__}: {error}")
    if config["model"] not in MODELS:
        raise Refused(f"{file} holds a {config['model']}; known: {', '.join(MODELS)}")
    return config, weights


def rebuild_dataset(config, data_path):
    """With the same filters, in the same order, as when the model was trained."""
    if data_path:
        config["data_path"] = str(pathlib.Path(data_path) / config["dataset"])
    if not pathlib.Path(config["data_path"]).is_dir():
        raise Refused(f"the data of the training are not in {config['data_path']}; --data-path names the folder that "
                      f"holds {config['dataset']}")
    try:
        return need("recbole.data", INSTALL).create_dataset(config)
    except Exception as error:
        raise Refused(f"RecBole cannot read the data in {config['data_path']}: {error}")


def rebuild_model(config, weights, dataset, file):
    rows = weights["item_embedding.weight"].shape[0] - (config["model"] == "BERT4Rec")
    if rows != dataset.item_num:
        raise Refused(f"{file} knows {rows - 1} items, but the data in {config['data_path']} hold "
                      f"{dataset.item_num - 1}: they are not the data of the training")
    config["device"] = need("torch", "torch").device("cpu")
    model = need("recbole.utils", INSTALL).get_model(config["model"])(config, dataset)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise Refused(f"the weights in {file} do not fit its own configuration: {' '.join(str(error).split())}")
    return model.eval()


def item_ids(dataset):
    """In RecBole's order, without the padding at 0."""
    return [str(token) for token in dataset.field2id_token[dataset.iid_field][1:]]


# ---- The same computation from ids and mask


def wrapper(model):
    """forward(ids, mask) -> scores [B, items] at the last id: BERT4Rec's appended mask, or SASRec's last item."""
    torch = need("torch", "torch")
    bidirectional = type(model).__name__ == "BERT4Rec"

    class Scores(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, ids, mask):
            model = self.model
            positions = torch.ones_like(ids).cumsum(1) - 1
            state = model.LayerNorm(model.item_embedding(ids) + model.position_embedding(positions))
            # of a 0/1 mask in place of the ids, so that it hides more than padding when it says so
            hidden = model.get_attention_mask(mask, bidirectional=bidirectional)
            state = model.trm_encoder(state, hidden, output_all_encoded_layers=True)[-1]
            state = model.gather_indexes(state, (ids != 0).sum(1) - 1)
            items = model.item_embedding.weight[1 : model.n_items]
            if not bidirectional:
                return state @ items.t()
            state = model.output_ln(model.output_gelu(model.output_ffn(state)))
            return state @ items.t() + model.output_bias[1:]

    return Scores().eval()


def drawn_histories(model, append_mask):
    torch = need("torch", "torch")
    lots = torch.Generator().manual_seed(0)

    def draw(lengths):
        ids = torch.randint(1, model.n_items, [len(lengths), max(lengths)], generator=lots)
        for b, length in enumerate(lengths):
            ids[b, length:] = 0
            if append_mask:
                ids[b, length - 1] = model.n_items
        return ids

    return draw


def compare_with_recbole(model, module, draw, append_mask, longest):
    """full_sort_predict takes histories padded to its own length, and cuts what stands first off BERT4Rec's."""
    torch = need("torch", "torch")
    lengths = sorted({min(n, longest) for n in (2, 5, longest)})
    ids = draw(lengths)
    items = [row[:length] for row, length in zip(ids.tolist(), lengths)]
    if append_mask:
        items = [[1, *row[:-1]] for row in items]  # any item first, the mask left to RecBole
    padded = torch.tensor([row + [0] * (longest - len(row)) for row in items])
    sizes = torch.tensor([len(row) for row in items])
    with torch.no_grad():
        wanted = model.full_sort_predict({model.ITEM_SEQ: padded, model.ITEM_SEQ_LEN: sizes})[:, 1:]
        difference = (module(ids, mask_of(lengths)) - wanted).abs().max().item()
    if not difference <= TOLERANCE:
        raise Refused(f"scores differ from those of RecBole's full_sort_predict by {difference:.3g}; the version that "
                      "this script knows is RecBole 1.2.1")
    return difference


# ---- The bundle


def main():
    arguments = parse()
    folder = new_folder(arguments.output)
    config, weights = load_checkpoint(arguments.checkpoint)
    dataset = rebuild_dataset(config, arguments.data_path)
    model = rebuild_model(config, weights, dataset, arguments.checkpoint)
    append_mask = config["model"] == "BERT4Rec"
    longest, items = int(model.max_seq_length), item_ids(dataset)

    draw = drawn_histories(model, append_mask)
    module, _ = trace(arguments.checkpoint, wrapper(model), draw, [min(7, longest), min(5, longest)],
                      [[min(n, longest) for n in lengths] for lengths in ([3], [8, 2, 6], [longest, 4])])
    difference = compare_with_recbole(model, module, draw, append_mask, longest)

    keys = {"kind": "recommender", "architecture": "torchscript", "layers": config["n_layers"],
            "heads": config["n_heads"], "hidden": config["hidden_size"], "inner": config["inner_size"],
            "max_length": longest, "outputs": len(items), "pad_id": 0,
            "mask_id": len(items) + 1 if append_mask else -1, "append_mask": append_mask, "first_item": 1}
    size = f"{dataset.user_num - 1} users, {len(items)} items, {dataset.inter_num} interactions"
    provenance = {"data": f"{config['dataset']}: {size}", "seed": str(config["seed"]),
                  "command": f"scripts/export_recbole.py {pathlib.Path(arguments.checkpoint).name}",
                  "program": f"RecBole {need('recbole', INSTALL).__version__}, {config['model']}"}
    write_bundle(folder, module, keys, provenance, items)
    print(f"{folder}: {config['model']}, {len(items)} items, histories of up to {longest - 1}; largest "
          f"difference from RecBole's scores {difference:.2g}")
    if append_mask:
        print("RecBole's own evaluation hides the oldest item of a history from BERT4Rec; here it is seen (see --help)")


if __name__ == "__main__":
    run(main)
