#!/bin/bash
# Every step of the training in its order (docs/model-card.md), over what lies in training/ and edge/adapters/models.
#   tools/train.sh [STEPS]     STEPS: so many of each step instead of the usual ones, to see that they go together
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -d ../shared/thermal ]; then
    echo "找不到录像 ../shared/thermal，无法训练" >&2
    echo "there are no recordings in ../shared/thermal: nothing to learn from" >&2
    exit 2
fi
venv=build/training
if [ ! -e "$venv/.installed" ] || [ training/requirements.txt -nt "$venv/.installed" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement training/requirements.txt
    touch "$venv/.installed"
fi
steps=(${1:+--steps "$1"})
step() {
    echo "… training.$*"
    "$venv/bin/python" -m "training.$1" "${@:2}" "${steps[@]}"
}
step train --fold without_a --fold without_bc
step train --fold all --steps 1400
for name in train_second slim tune doubt; do
    step "$name"
done
git diff --stat -- training edge/adapters/models
