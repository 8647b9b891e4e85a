"""The wrapper of ptrace that user-mode-linux needs where the processor's state is larger than it knows."""

import os
import tempfile

import guests
from lab import Skip, run
from user_mode_linux import wrapper

HERE = os.path.dirname(os.path.abspath(__file__))


def compiled(name, directory):
    program = os.path.join(directory, name)
    run("cc", "-O2", "-o", program, os.path.join(HERE, f"{name}.c"))
    return program


def test_part_of_the_state():
    """A tracer that knows a part of the registers' state can set it; the rest stays as it was"""
    guests.named("uml").prepare()
    with tempfile.TemporaryDirectory() as directory:
        program = compiled("traced", directory)
        bare = run(program)
        if bare == "no AVX\n":
            raise Skip("this processor has no AVX: there is no state beyond the part")
        # What a process of user-mode-linux meets on a processor with AMX: EFAULT.
        assert bare == "word 1\nrefused 1\nset 14\nright c\n", bare
        wrapped = run(program, env=dict(os.environ, LD_PRELOAD=wrapper()))
        assert wrapped == "word 1\nrefused 1\nset 0\nright f\n", wrapped


def test_arithmetic_in_a_guest():
    """Processes that take turns in a guest keep their x87, SSE and AVX registers"""
    with tempfile.TemporaryDirectory() as directory:
        program = compiled("floats", directory)
        turns = "20000"
        seeds = [str(seed) for seed in range(1, 9)]
        here = [run(program, seed, turns) for seed in seeds]
        assert len(set(here)) == len(seeds)
        script = f"""
            for seed in {' '.join(seeds)}; do {program} $seed {turns} > /run/$seed & done; wait
            for seed in {' '.join(seeds)}; do cat /run/$seed; done"""
        there = guests.named("uml").run("sh", "-c", script, memory="256M")
        assert there.status == 0, there.output
        assert there.output == "".join(here), there.output
