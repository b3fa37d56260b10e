"""A small client of the Kubernetes API: it sends, it reads, it never decides.

Law of this layer: it knows no resource of ours. Every refusal is a typed error with the server's sentence; nothing is
tried again here (but for a token that has just been replaced): the work queue knows better when.
"""

from __future__ import annotations
