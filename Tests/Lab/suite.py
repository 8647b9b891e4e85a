"""Runs tests of the laboratory: each in a process of its own, some side by side.

usage: Tests/Interop/run.py or Tests/IPVS/run.py [-v] [--guest=KIND] [--reference] [NAME ...]

NAME is a part of a test's name. A test is a function test_* in a module test_*.py; its docstring's
first line says what holds. A module with the line `NEEDS = ["ip_vs"]` is run in the fastest kind of
guest that has all of that (guests.py), all such modules of one kind in one guest; the others here,
in network namespaces. `ALONE = True` keeps its tests from running beside others. --guest runs them all in one kind. --reference runs the tests of IPVS with
Debian's keepalived, to see where it differs.

Each place closes with a line `PLACE: N passed, N failed`. Where one cannot be had its tests are
skipped, which is told at the end with the reason; with CI=true they have failed.
"""

import importlib
import itertools
import multiprocessing
import os
import queue
import re
import signal
import sys
import time
import traceback

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Modules of one name in two directories are told apart by it: Interop.test_reload, IPVS.test_reload.
DIRECTORIES = ("Interop", "IPVS", "Lab")
sys.path[:0] = [TESTS, *(os.path.join(TESTS, directory) for directory in DIRECTORIES)]
import guests  # noqa: E402
import lab  # noqa: E402
from guest import Failure  # noqa: E402

# Most tests wait for timers; more at once would delay the daemons themselves.
AT_ONCE = 4
LONGEST = 150
# For all tests of one guest.
LONGEST_GUEST = 900
# Of one guest: more of them are worth a second one.
MANY = 16
PROCESSORS = len(os.sched_getaffinity(0))
HERE = "namespaces"


# ---- Which tests there are

def discover(directory):
    for file in sorted(os.listdir(os.path.join(TESTS, directory))):
        if file.startswith("test_") and file.endswith(".py"):
            path = f"{directory}.{file[:-3]}"
            for name, function in vars(importlib.import_module(path)).items():
                if name.startswith("test_") and callable(function):
                    for case in getattr(function, "cases", [None]):
                        yield path, name, case


def select(directories, words):
    """The tests of the directories, or those with one of the words in their names."""
    return [test for directory in directories for test in discover(directory)
            if not words or any(word in f"{test[0]} {test[1]} {test[2]}" for word in words)]


def place(test):
    """Where a test belongs: here, or the name of a kind of guest."""
    needs = getattr(importlib.import_module(test[0]), "NEEDS", None)
    if needs is None:
        return HERE
    kinds = guests.having(needs)
    if not kinds:
        raise SystemExit(f"{test[0]}: no kind of guest has all of {', '.join(needs)}")
    return kinds[0].name


def title(module, name, case):
    function = getattr(importlib.import_module(module), name)
    text = (function.__doc__ or name).strip().splitlines()[0]
    return f"{text} [{case}]" if case is not None else text


# ---- Running them, in this kernel

def perform(module, name, case, results):
    os.setsid()
    sys.stdout = sys.stderr = open(os.devnull, "w")
    function = getattr(importlib.import_module(module), name)
    try:
        function() if case is None else function(case)
        results.put((module, name, case, None))
    except lab.Skip as reason:
        results.put((module, name, case, ("skipped", str(reason))))
    except BaseException:
        results.put((module, name, case, ("failed", traceback.format_exc())))


def run(tests, at_once):
    """Performs the tests, so many side by side; yields (test, (kind, detail)) as they end."""
    results = multiprocessing.Queue()
    waiting = list(tests)
    running = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            test = waiting.pop(0)
            process = multiprocessing.Process(target=perform, args=(*test, results))
            process.start()
            running[test] = (process, time.monotonic())
        try:
            module, name, case, failure = results.get(timeout=0.5)
        except Exception:
            for test, (process, since) in list(running.items()):
                if time.monotonic() - since > LONGEST * lab.PATIENCE:
                    os.kill(process.pid, signal.SIGTERM)
            for test, (process, since) in list(running.items()):
                if not process.is_alive() and results.empty():
                    results.put((*test, ("failed", f"ended with {process.exitcode}")))
            continue
        if (module, name, case) not in running:
            continue
        running.pop((module, name, case))[0].join(10)
        yield (module, name, case), failure or ("passed", "")


def report(test, kind, detail):
    print(f"{kind}: {title(*test)} ({test[1]})")
    if detail:
        print("   " + detail.strip().replace("\n", "\n   "), flush=True)


def run_here(tests, is_verbose):
    """Runs the tests in this kernel; how many passed, failed, and were skipped."""
    outcomes = {"passed": 0, "failed": 0, "skipped": 0}
    disturbed = []
    alone = [test for test in tests if getattr(importlib.import_module(test[0]), "ALONE", False)]
    beside = [test for test in tests if test not in alone]
    for test, (kind, detail) in itertools.chain(run(beside, AT_ONCE), run(alone, 1)):
        if kind == "failed":
            disturbed.append(test)
            kind = "failed at first"
        else:
            outcomes[kind] += 1
        if kind != "passed" or is_verbose:
            report(test, kind, detail)
    # What was late beside others has the machine to itself once; what fails then has failed.
    for test, (kind, detail) in run(disturbed, 1):
        outcomes[kind] += 1
        report(test, f"{kind} alone", detail)
    if disturbed:
        print(f"{len(disturbed)} run twice", flush=True)
    return outcomes


# ---- Running them elsewhere

CLOSING = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)


def run_in_guest(name, share, directories, words, options):
    """Boots a guest that runs its part of the tests, or a share of it, and shows what it says."""
    binary = "reference" if "--reference" in options else "ours"
    done = guests.named(name).run(
        "env", f"KEEPALIVED_TEST_BINARY={binary}", sys.executable, os.path.abspath(__file__),
        f"--inside={name}", f"--share={share}", *(f"--in={directory}" for directory in directories),
        *options, *words, timeout=LONGEST_GUEST)
    closing = CLOSING.search(done.output)
    if not closing:
        raise Failure("the tests did not come to their end", True, done.output)
    print(done.output[:closing.start()], end="", flush=True)
    return dict(zip(("passed", "failed", "skipped"), map(int, closing.groups())))


def run_place(name, share, tests, directories, words, options):
    """Runs the tests that belong to one place; what came of them, and why they were not run."""
    not_run = "failed" if os.environ.get("CI") == "true" else "skipped"
    if name == HERE:
        if not lab.is_privileged():
            return {not_run: len(tests)}, "network namespaces need root"
        return run_here(tests, "-v" in options), None
    try:
        return run_in_guest(name, share, directories, words, options), None
    except Failure as failure:
        # Why a kernel did not start matters only to those who wanted it to.
        if failure.started or not_run == "failed" or "-v" in options:
            print(failure.console, flush=True)
        return {"failed" if failure.started else not_run: len(tests)}, str(failure)


def shares(places):
    """(place, share, tests): what is run at once. A guest that emulates one processor is doubled
    where there are two and it has much to do."""
    for name, members in places.items():
        count = 2 if name == "uml" and PROCESSORS > 1 and len(members) > MANY else 1
        for number in range(count):
            yield name, f"{number}/{count}", members[number::count]


def run_side_by_side(jobs, *arguments):
    """Runs each job in a process of its own, one a processor; yields (job, outcomes, reason, seconds)."""
    results = multiprocessing.Queue()

    def perform_job(job):
        started = time.monotonic()
        results.put((job[:2], *run_place(*job, *arguments), time.monotonic() - started))

    waiting, running = list(jobs), {}
    try:
        while waiting or running:
            while waiting and len(running) < PROCESSORS:
                job = waiting.pop(0)
                process = multiprocessing.Process(target=perform_job, args=(job,))
                process.start()
                running[job[:2]] = (process, job)
            try:
                key, *result = results.get(timeout=0.5)
            except queue.Empty:
                for process, job in list(running.values()):
                    if not process.is_alive() and results.empty():
                        results.put((job[:2], {"failed": len(job[2])}, f"ended with {process.exitcode}", 0))
                continue
            process, job = running.pop(key)
            process.join(10)
            yield job, *result
    finally:
        for process, _ in running.values():
            process.terminate()
            process.join()


def main(directories):
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    values = dict(word[2:].split("=", 1) for word in options if word.startswith("--") and "=" in word)
    options = [word for word in options if "=" not in word or word.startswith("--guest=")]
    tests = select(directories, words)
    if not tests:
        print(f"no test is called {' or '.join(words)}", file=sys.stderr)
        return 1
    places = {}
    for test in tests:
        places.setdefault(values.get("guest") or place(test), []).append(test)
    if "inside" in values:
        number, count = map(int, values["share"].split("/"))
        print("{passed} passed, {failed} failed, {skipped} skipped".format(
            **run_here(places[values["inside"]][number::count], "-v" in options)))
        return 0
    sums, reasons = {name: dict.fromkeys(("passed", "failed", "skipped"), 0) for name in places}, []
    # What measures time here has the machine to itself; guests do not mind each other.
    here = [job for job in shares(places) if job[0] == HERE]
    # Beside one that emulates two processors there is room for one that emulates one.
    elsewhere = [[job for job in shares(places) if (job[0] == "uml") == is_single and job[0] != HERE]
                 for is_single in (False, True)]
    others = [job for pair in itertools.zip_longest(*elsewhere) for job in pair if job]
    for (name, share, members), outcomes, reason, seconds in itertools.chain(
            run_side_by_side(here, directories, words, options),
            run_side_by_side(others, directories, words, options)):
        print(f"{name}: {len(members)} tests in {seconds:.0f} s", file=sys.stderr, flush=True)
        for kind, number in outcomes.items():
            sums[name][kind] += number
        if reason:
            reasons.append(f"{len(members)} tests in {name} were not run: {reason}")
    closing = [f"{name}: {each['passed']} passed, {each['failed']} failed"
               + (f", {each['skipped']} skipped" if each["skipped"] else "") for name, each in sums.items()]
    has_failed = any(each["failed"] or not sum(each.values()) for each in sums.values())
    # The last lines of `make test`: what was not run must not be lost in what was.
    print("\n".join(closing + reasons), flush=True)
    return 1 if has_failed else 0


if __name__ == "__main__":
    sys.exit(main([word[5:] for word in sys.argv if word.startswith("--in=")] or DIRECTORIES))
