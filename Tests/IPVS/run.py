"""Runs the tests that need IPVS, all in one guest that has it.

usage: run.py [-v] [--reference] [NAME ...]      NAME: part of a test's name

The tests are those of Tests/Interop in form. --reference runs them with Debian's keepalived, to see
where it differs. Where no guest can run all are skipped, with a count.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
INTEROP = os.path.join(HERE, "..", "Interop")
sys.path[:0] = [INTEROP, os.path.join(HERE, "..", "Lab")]
import guest  # noqa: E402
import run as runner  # noqa: E402

LONGEST = 900


def main():
    words = sys.argv[1:]
    reason = guest.works()
    if reason:
        names = [word for word in words if not word.startswith("-")]
        count = len(runner.select(HERE, names))
        print(f"0 passed, 0 failed, {count} skipped")
        print(f"no IPVS: {reason}", file=sys.stderr)
        return 0
    binary = "reference" if "--reference" in words else "ours"
    words = [word for word in words if word != "--reference"]
    result = guest.Guest(
        "env", f"KEEPALIVED_TEST_BINARY={binary}", sys.executable, os.path.join(INTEROP, "run.py"),
        f"--in={HERE}", *words, timeout=LONGEST, memory="1024M")
    print(result.output, end="")
    return result.status


if __name__ == "__main__":
    sys.exit(main())
