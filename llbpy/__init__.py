"""llbpy: write build.py instead of a Dockerfile.

Layers, each importing only those before it (a test holds them to it):

    errors, proto   every exception; the wire's messages; identity, which is all that is random
    graph           the pure core: vertices, mounts, file actions, marshalling
    dsl             what build files are written in: State, sources, targets
    buildfile       loading a build.py; neighbours beside it, mistakes in it
    explain         views of definitions
    cli             the command

This file is the only door for users, but for `llbpy.files`.
"""

from __future__ import annotations

from llbpy.dsl import files as files
from llbpy.dsl.arguments import Doc as Doc
from llbpy.dsl.build import Build as Build
from llbpy.dsl.combine import diff as diff
from llbpy.dsl.combine import merge as merge
from llbpy.dsl.paths import Glob as Glob
from llbpy.dsl.paths import StatePath as StatePath
from llbpy.dsl.sources import definition as definition
from llbpy.dsl.sources import git as git
from llbpy.dsl.sources import http as http
from llbpy.dsl.sources import image as image
from llbpy.dsl.sources import local as local
from llbpy.dsl.sources import oci_layout as oci_layout
from llbpy.dsl.sources import scratch as scratch
from llbpy.dsl.sources import source as source
from llbpy.dsl.state import ExecState as ExecState
from llbpy.dsl.state import State as State
from llbpy.dsl.targets import Group as Group
from llbpy.dsl.targets import Outcome as Outcome
from llbpy.dsl.targets import Target as Target
from llbpy.dsl.targets import group as group
from llbpy.dsl.targets import outcome as outcome
from llbpy.dsl.targets import target as target
from llbpy.errors import ArgumentError as ArgumentError
from llbpy.errors import BuildFileError as BuildFileError
from llbpy.errors import GraphError as GraphError
from llbpy.errors import LLBError as LLBError
from llbpy.errors import MountError as MountError
from llbpy.errors import OptionError as OptionError
from llbpy.errors import PathError as PathError
from llbpy.errors import PlatformError as PlatformError
from llbpy.errors import TargetNotFound as TargetNotFound
from llbpy.errors import UnresolvedError as UnresolvedError
from llbpy.graph.config import Healthcheck as Healthcheck
from llbpy.graph.constraints import OpOptions as OpOptions
from llbpy.graph.constraints import ProgressGroup as ProgressGroup
from llbpy.graph.constraints import Resources as Resources
from llbpy.graph.definition import Definition as Definition
from llbpy.graph.expand import expand as expand
from llbpy.graph.facts import Facts as Facts
from llbpy.graph.facts import Ulimit as Ulimit
from llbpy.graph.fileactions import Owner as Owner
from llbpy.graph.mounts import NumericOwner as NumericOwner
from llbpy.graph.mounts import bind as bind
from llbpy.graph.mounts import cache as cache
from llbpy.graph.mounts import device as device
from llbpy.graph.mounts import output as output
from llbpy.graph.mounts import secret as secret
from llbpy.graph.mounts import ssh as ssh
from llbpy.graph.mounts import tmpfs as tmpfs
from llbpy.graph.ops.exec import Proxy as Proxy
from llbpy.graph.platforms import Platform as Platform
from llbpy.graph.questions import ImageQuestion as ImageQuestion
from llbpy.graph.questions import ResolvedImage as ResolvedImage
from llbpy.graph.words import words as words
