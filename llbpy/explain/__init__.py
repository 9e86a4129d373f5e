"""Views of definitions, whoever made them: pure functions from a `Definition` to text.

    graph.py     a definition as vertices with names, inputs and places, which every view starts from
    names.py     what the daemon calls a vertex
    uses.py      what a vertex does with its inputs, and which mounts it has besides
    flags.py     what is special about a vertex
    lines.py     text that fits a line
    formats/     one file a format
"""
