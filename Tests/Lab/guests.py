"""The kinds of guest, the fastest first, and what each of their kernels has.

    guests.run(["ip_vs"], "sh", "-c", "ipvsadm -Ln")     an Outcome of the first kind that has it all

A module of tests says `NEEDS = ["ip_vs", "nftables"]`, and its tests are run in such a guest (suite.py).
"""

from guest import Failure
from qemu import Qemu, QemuWithSystemd
from user_mode_linux import UserModeLinux

KINDS = (UserModeLinux(), Qemu(), QemuWithSystemd())
NAMES = tuple(kind.name for kind in KINDS)


def named(name):
    return KINDS[NAMES.index(name)]


def having(needs):
    """The kinds that have all that is needed, the fastest first. A kind's own name is a need too."""
    return [kind for kind in KINDS if (kind.features | {kind.name}).issuperset(needs)]


def run(needs, *command, **options):
    """Runs a command in the fastest guest that can start here and has what is needed."""
    kinds = having(needs)
    reasons = []
    for kind in kinds:
        try:
            return kind.run(*command, **options)
        except Failure as failure:
            if failure.started:
                raise
            reasons.append(str(failure))
    raise Failure("; ".join(dict.fromkeys(reasons)) or f"no kind of guest has all of {', '.join(needs)}")
