"""Text that quoting could break, in every place that has text."""

from __future__ import annotations

import llbpy
from llbpy import files

QUOTES = """say "double" and 'single' and `back` and «guillemets»"""
MARKUP = (
    r"a <b>bold</b> & &lt; &amp; #35; #quot; [x] {y} (z) |p| \n \l \N \\ %%{init: {}}%% $$x^2$$ $HOME __init__ **/*.py"
)
WORDS = "end\nstyle a:b#c; classDef d:e#f;\n1. one\n- two\n---\ngraph ünïcödé 漢字 🚀\ttab"

base = llbpy.scratch().file(files.mkfile("/quoted", 0o644, b'\x00\xff"\\', created_time=1_700_000_000), name=QUOTES)
marked = base.run(["echo", MARKUP], mounts=[llbpy.bind(base['/a "dir"'], '/to <b> & "c"'), llbpy.cache("/c\\n")])
image = marked.run(["printf", WORDS, "\x1b[2J\r"], progress_group=llbpy.ProgressGroup('the "group"', id="g"))
