#!/usr/bin/env python3
"""Flips bits of a bundle, one at a time, and expects `verify_log.py` to refuse every one.

    flip_bits.py BUNDLE COUNT SEED     COUNT bits spread at random over the file

Exit status 0: every flip was refused.
"""

import io
import random
import sys

from verify_log import verify_stream


def main(path, count, seed):
    with open(path, "rb") as file:
        whole = file.read()
    if verify_stream(io.BytesIO(whole))[1]:
        print("the bundle itself is refused")
        return 1
    places = random.Random(seed).sample(range(len(whole) * 8), count)
    accepted = []
    for place in places:
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << (place % 8)
        if verify_stream(io.BytesIO(bytes(flipped)))[1] is None:
            accepted.append(place)
    print(f"{'REFUSED all' if not accepted else 'ACCEPTED some'} of {count} flips: {accepted}")
    return 1 if accepted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
