#!/usr/bin/env bash
# 10,000 questions with canary persons on a data directory in an ext4 image of its own; the whole image — free blocks and
# journal too — is searched for every canary in every encoding, after the questions and after the purge.
# Needs root, mkfs.ext4 and a loop device. Without a loop device: `image.sh --copy` keeps the directory where it is and searches
# an image made of its files (mke2fs -d), which has no free blocks that ever held anything: a weaker proof.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$(mktemp -d)
export CANARY_IMAGE=$work/image CANARY_MOUNT=$work/data
mkdir "$CANARY_MOUNT"
mounted=
cleanup() {
    [[ -z $mounted ]] || umount "$CANARY_MOUNT"
    rm -rf "$work"
}
trap cleanup EXIT

truncate -s 96M "$CANARY_IMAGE"
if [[ ${1:-} == --copy ]]; then
    export CANARY_COPY=1
else
    mkfs.ext4 -q "$CANARY_IMAGE"
    mount -o loop "$CANARY_IMAGE" "$CANARY_MOUNT"
    mounted=1
fi
cargo test --locked -q -p ssbtek-purge --test it -- --ignored ten_thousand_questions
