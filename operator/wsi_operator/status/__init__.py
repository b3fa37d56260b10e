"""From what was observed to what the resource's status says.

Law of this layer: pure functions, no clock and no cluster. A sentence says what to fix where there is something to fix;
it never holds a secret, nor anything that changes by itself (a pod's random name, a back-off's seconds): each new
sentence is a write.
"""

from __future__ import annotations
