"""All rules, a file a family; importing this package registers them in `Rule.rules`, in the order of their names.

A family's file that is not imported here would be dead; a test looks for that.
"""

from __future__ import annotations

from llbpy.lint.rules import arguments, configs, contexts, headers, images, packages, secrets, sources, tokens
from llbpy.lint.rules.rule import Rule

FAMILIES = (arguments, configs, contexts, headers, images, packages, secrets, sources, tokens)


def all_rules() -> list[type[Rule]]:
    """Every rule, sorted by name."""
    return [Rule.rules[name] for name in sorted(Rule.rules)]
