"""How Sphinx builds the documentation."""

from importlib.metadata import version as version_of

project = "roulette"
author = "The roulette authors"
release = version = version_of("roulette")
html_title = f"roulette {release}"
html_copy_source = False
exclude_patterns = ["_build"]
