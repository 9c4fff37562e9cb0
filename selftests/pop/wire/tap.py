# SPDX-License-Identifier: GPL-2.0
"""Tests are functions; what they find wrong they raise."""

import os
import signal
import sys
import time
import traceback

PATIENCE = 60   # seconds for a state to come
LIMIT = 240     # seconds for a test, also if other units come all the time

_tests = []


def test(name, *arguments):
    """Decorator: a test, or one for each use of it."""
    def add(function):
        _tests.append((name, function, arguments))
        return function
    return add


def _late(*_):
    raise AssertionError("it does not end")


def run(limit=LIMIT):
    """All of them, or those with a text in their names; limit: 0 for none."""
    only = os.environ.get("POP_WIRE_ONLY", "")
    _tests[:] = [entry for entry in _tests if only in entry[0]]
    print(f"TAP version 13\n1..{len(_tests)}", flush=True)
    failed = 0
    signal.signal(signal.SIGALRM, _late)
    for number, (name, function, arguments) in enumerate(_tests, 1):
        start = time.monotonic()
        try:
            signal.alarm(limit)
            function(*arguments)
            result = "ok"
        except Exception:   # whatever it is, the next test is another
            for line in traceback.format_exc().splitlines():
                print("#", line)
            result = "not ok"
            failed += 1
        signal.alarm(0)
        print(f"{result} {number} {name}")
        print(f"# {time.monotonic() - start:.1f} s", flush=True)
    sys.exit(1 if failed else 0)


def same(what, expected, found):
    if expected != found:
        raise AssertionError(f"{what}: {_short(found)} and not "
                             f"{_short(expected)}")


def _short(value):
    text = repr(value)
    return text if len(text) < 400 else text[:400] + "..."


def wait_until(what, condition):
    """The first true value of condition(); a look costs nothing."""
    end = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"in vain: {what}")
        time.sleep(0.001)   # between two looks
