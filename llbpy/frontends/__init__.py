"""The process in a frontend's container: it runs a build file, and answers for it to the daemon on its stdin and stdout.

main.py       the entry point: from the environment to the last call
sandbox.py    what the build file's code may touch
watch.py      the channel while that code runs
apart.py      a process of its own for code that could break the one it runs in
console.py    what it prints, as the user sees it
build.py      a build from the options to its result
making.py     one target as a build makes it: states, graphs, images
uncached.py   which vertices are built anew
ending.py     the result, once the graphs are there
remarks.py    what a build tells besides its result
failures.py   whatever goes wrong, with the lines that it went wrong at
requests/     what tools ask instead of a build: outline, targets, lint
"""
