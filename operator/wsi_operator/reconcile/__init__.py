"""From what a resource asks for to what the cluster has: one look at a time, in small steps.

Law of this layer: every step may be the last one (the operator may be killed after any request), so each begins by looking
at what is there. What is in memory only saves requests; nothing is lost with it. Whatever isn't owned by the resource is
never written to.
"""

from __future__ import annotations
