"""Runs the tests that need network namespaces: each in a process of its own, some side by side.

usage: run.py [-v] [--in=DIRECTORY] [NAME ...]      NAME: part of a test's name

A test is a function test_* in a module test_*.py; its docstring's first line says what holds.
Where namespaces cannot be made all are skipped, with a count.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "Lab")]
import lab  # noqa: E402

# Most tests wait for timers; more at once would delay the daemons themselves.
AT_ONCE = 4
LONGEST = 150


def discover(directory):
    sys.path.insert(0, directory)
    for file in sorted(os.listdir(directory)):
        if file.startswith("test_") and file.endswith(".py"):
            module = importlib.import_module(file[:-3])
            for name, function in vars(module).items():
                if name.startswith("test_") and callable(function):
                    for case in getattr(function, "cases", [None]):
                        yield file[:-3], name, case


def select(directory, words):
    """The tests of a directory, or those with one of the words in their names."""
    return [test for test in discover(directory)
            if not words or any(word in f"{test[0]} {test[1]} {test[2]}" for word in words)]


def title(module, name, case):
    function = getattr(importlib.import_module(module), name)
    text = (function.__doc__ or name).strip().splitlines()[0]
    return f"{text} [{case}]" if case is not None else text


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
                if time.monotonic() - since > LONGEST:
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


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    places = [word[5:] for word in sys.argv[1:] if word.startswith("--in=")]
    tests = select(places[0] if places else HERE, words)
    if not lab.is_privileged():
        print(f"0 passed, 0 failed, {len(tests)} skipped")
        print("network namespaces need root", file=sys.stderr)
        return 0
    outcomes = {"passed": 0, "failed": 0, "skipped": 0}
    disturbed = []
    started = time.monotonic()
    for test, (kind, detail) in run(tests, AT_ONCE):
        if kind == "failed":
            disturbed.append(test)
            kind = "failed beside others"
        else:
            outcomes[kind] += 1
        if kind != "passed" or "-v" in sys.argv:
            report(test, kind, detail)
    # What was late beside others has the machine to itself once; what fails then has failed.
    for test, (kind, detail) in run(disturbed, 1):
        outcomes[kind] += 1
        report(test, f"{kind} alone", detail)
    print(f"{os.path.basename(places[0]) if places else 'interop'}: {len(tests)} tests in {time.monotonic() - started:.0f} s", file=sys.stderr)
    again = f" ({len(disturbed)} run twice)" if disturbed else ""
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**outcomes) + again)
    return 1 if outcomes["failed"] or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
