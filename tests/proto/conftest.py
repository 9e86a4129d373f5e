from __future__ import annotations

import sys
from pathlib import Path

# Pytest's import modes disagree on whether a test may import a module beside it: this makes it so in all of them.
sys.path.insert(0, str(Path(__file__).parent))
