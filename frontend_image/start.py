"""What the image's entry point runs: the frontend, its modules loaded without collections, of which there is nothing to collect."""

import gc
import sys

gc.disable()
sys.path.append("/usr/lib/llbpy")  # last, so that nothing put there takes the place of the standard library

from llbpy.frontends.main import main  # noqa: E402

gc.freeze()
gc.enable()
main()
