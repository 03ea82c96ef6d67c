#!/usr/bin/env bash
# The export scripts in a Python without packages: they print their help, and say in one sentence what is missing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v python3 >/dev/null || exit 77
python="python3 -S -B"  # -S: no site-packages
fail() { echo "FAILED: $*" >&2; exit 1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for script in "$root"/scripts/export_hf.py "$root"/scripts/export_recbole.py; do
  help=$($python "$script" --help) || fail "$script --help exits with $?"
  [[ $help == *"--output BUNDLE"* ]] || fail "$script --help says: $help"

  touch "$scratch/model.pth"
  status=0
  said=$($python "$script" "$scratch/model.pth" --output "$scratch/bundle" 2>&1) || status=$?
  [ "$status" = 2 ] || fail "$script without packages exits with $status: $said"
  [[ $said == *"pip install torch"* && $(wc -l <<<"$said") = 1 ]] || fail "$script without packages says: $said"
  [ ! -e "$scratch/bundle" ] || fail "$script left something behind"

  status=0
  said=$($python "$script" "$scratch/model.pth" --output "$scratch" 2>&1) || status=$?
  [[ $status = 2 && $said == *"is there already"* ]] || fail "$script over a folder with files says: $said"
done

# what they write is YAML that the program reads, whatever the labels are called
$python - "$root/scripts" "$scratch/bundle" <<'END'
import pathlib, sys
sys.path.insert(0, sys.argv[1])
import export_common

class Module:
    def save(self, file):
        pathlib.Path(file).write_bytes(b"weights")

folder = export_common.new_folder(sys.argv[2])
export_common.write_bundle(folder, Module(), {"kind": "recommender", "layers": 2, "append_mask": True,
                                              "labels": ["so: so", 'say "\u00e9"']}, {"data": "a # b"}, ["1", "x y"])
wanted = 'format: 1\nkind: "recommender"\nlayers: 2\nappend_mask: true\nlabels: ["so: so", "say \\"\u00e9\\""]\n' \
         'provenance:\n  data: "a # b"\n'
assert (folder / "bundle.yaml").read_text(encoding="utf-8") == wanted
assert (folder / "items.txt").read_text() == "1\nx y\n"
END
