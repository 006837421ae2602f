"""How hard Hypothesis searches, by what the environment asks for."""

import os

from hypothesis import HealthCheck, Phase, settings

SLOW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


def searching(examples: int, steps: int = 50) -> settings:
    """Return settings for so many examples of so many steps.

    ``SEARCH`` in the environment multiplies the examples. With ``DERANDOMIZE`` every run
    searches alike, so that a mutant lives or dies for good, and what is found is not made
    smaller, which takes most of the time.
    """
    same = "DERANDOMIZE" in os.environ
    return settings(
        max_examples=int(examples * float(os.environ.get("SEARCH", "1"))),
        stateful_step_count=steps,
        deadline=None,
        derandomize=same,
        phases=[Phase.generate] if same else [Phase.generate, Phase.shrink],
        database=None,
        print_blob=False,
        suppress_health_check=SLOW,
    )
