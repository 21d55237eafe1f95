# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line: the one place that puts the node and its faces together."""


def main() -> None:
    """Run `alumnode` with the arguments of this process."""
    from node.cli.commands import alumnode

    alumnode(prog_name="alumnode")
