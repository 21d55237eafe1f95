# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much CPU each operation costs, beside the floor that no program on this machine can go below.

`make bench` starts one node as a process of its own, plays the client and the other servers against it over loopback,
and reads the process's CPU time before and after. Machines differ: what counts is the ratio to the floor that the same
run has measured.
"""
