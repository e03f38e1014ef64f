#!/usr/bin/env bash
# 10,000 questions about canary persons, through the doors, on a data directory in an ext4 image of its own; the whole image —
# free blocks, journal and temporary files too — is searched for every canary in every encoding, again and again while it is
# asked and purged, and after it. CANARY_QUESTIONS=N asks fewer.
#
# Needs root, mkfs.ext4 and a loop device. Without a loop device: `image.sh --copy` keeps the directory where it is and searches
# images made of its files (mke2fs -d), which have no free blocks that ever held anything: a weaker proof.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Built before anything is mounted: what the compiler writes is no part of it.
cargo test --locked -q -p ssbtek-broker --test promises --no-run

work=$(mktemp -d)
export CANARY_IMAGE=$work/image CANARY_MOUNT=$work/data
mkdir "$CANARY_MOUNT"
mounted=
cleanup() {
    [[ -z $mounted ]] || umount "$CANARY_MOUNT"
    rm -rf "$work"
}
trap cleanup EXIT

# 10,000 questions leave some 85 MB before they are purged, beside a write-ahead log of 17 and 8 of reserve.
truncate -s 256M "$CANARY_IMAGE"
if [[ ${1:-} == --copy ]]; then
    export CANARY_COPY=1
else
    mkfs.ext4 -q "$CANARY_IMAGE"
    # Data go through the journal as well: what is not sealed would be found there too.
    mount -o loop,data=journal "$CANARY_IMAGE" "$CANARY_MOUNT"
    mounted=1
fi
# TMPDIR: whatever makes a temporary file makes it in the image.
TMPDIR=$CANARY_MOUNT cargo test --locked -q -p ssbtek-broker --test promises -- --ignored ten_thousand_questions
