# SPDX-License-Identifier: AGPL-3.0-or-later
"""The version of this program, as it is told to other servers and apps."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("alumnode")
except PackageNotFoundError:  # run from a folder without having been installed
    VERSION = "0.0.0"
