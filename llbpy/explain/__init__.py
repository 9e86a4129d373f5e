"""Views of definitions, whoever made them: pure functions from a `Definition` to text.

    graph.py     a definition as vertices with names, inputs and places, which every view starts from
    uses.py      what a vertex does with its inputs, and which mounts it has besides
    flags.py     what is special about a vertex
    lines.py     text that fits a line
    lanes.py     the lines drawn beside a list of vertices
    formats/     one file a format

`llbpy.explain.formats.render` is the way in.
"""
