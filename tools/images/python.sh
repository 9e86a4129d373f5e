#!/bin/sh
# Gives the interpreter in folder $1 the name that Python's own image has for it.
set -eu
ln -s python3 "$1/usr/bin/python"
