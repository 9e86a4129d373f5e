"""What a careful reader would say about a build file: the rules of `docker build --check` for build.py.

    finding.py      what a rule says: its name, what is wrong here, and where
    subject.py      what rules look at: the file, a target, and the graph that it came to
    code.py         the file's text as Python's syntax tree
    commands.py     the commands of a graph, in words
    shell.py        the words of shell text
    installs.py     commands that install packages, and what they read
    lineage.py      which vertices leave their files in a result, and which start from what others have left
    header.py       the directives at the head of a file
    credentials.py  what looks like one, by its name or by itself
    selection.py    which rules count: `# check=…`, BUILDKIT_DOCKERFILE_CHECK
    skips.py        `# llbpy: skip=…` beside a line
    rules/          one file a family, one class a rule
    check.py        all rules on all subjects
    page.py         docs/rules.md, made of the rules' docstrings

`llbpy.lint.check.check` is the way in.
"""
