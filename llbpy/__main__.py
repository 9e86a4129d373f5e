"""`python -m llbpy` is the command."""

from __future__ import annotations

import sys

from llbpy.cli import main

sys.exit(main())
