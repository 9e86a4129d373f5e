"""The kinds of vertices, one a file. A new kind is a new subclass of `op.Op`."""
