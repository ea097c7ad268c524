"""Runs checks one after another."""

import traceback


def run_checks(checks, run):
    """Prints what came of each; returns the exit status.

    A check's first line of documentation is what it says; `run` calls it.
    """
    failed = 0
    for function in checks:
        try:
            run(function)
            print(f"passed  {function.__doc__}", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED  {function.__doc__}\n{traceback.format_exc()[-4000:]}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0
