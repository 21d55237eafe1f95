# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the scenarios stand on: a test network, processes in it, peers and nodes among them, and clients to drive these.

network        names under .localhost, a private CA, one https proxy for everybody
processes      a server as a process: started, ready, killed, its log kept
environments   the peers' own environments, made on demand from their lock files
peers          Fedify and bovine, driven through their control interface
databases      a PostgreSQL database for each node that wants one
node           an Alumnode, driven through its command line
clients        what members use: OAuth in a browser's stead, Mastodon.py, toot
windows        a browser's window, which remembers what pages do wrong
waiting        patience with a deadline, for what becomes true on another server
"""
