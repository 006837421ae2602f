"""How Sphinx builds the documentation."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("_ext")))

project = "roulette"
author = "The roulette authors"
release = version = version_of("roulette")
html_title = f"roulette {release}"
html_copy_source = False
html_theme_options = {"page_width": "1100px"}  # wide enough for our tables
extensions = ["admin_verbs", "declared_options", "metrics"]
exclude_patterns = ["_build"]
