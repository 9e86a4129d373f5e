"""The process in a frontend's container: it runs a build file, and answers for it to the daemon on its stdin and stdout.

main.py       the entry point: from the environment to the last call
sandbox.py    what the build file's code may touch
console.py    what it prints, as the user sees it
build.py      a build from the options to its result
failures.py   whatever goes wrong, with the lines that it went wrong at
requests/     what tools ask instead of a build: outline, targets, lint
"""
