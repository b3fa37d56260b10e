"""The children of a ``WSIStreamer``: pure functions from what is asked for to manifests, one kind a file.

Law of this layer: no I/O, no clock, no chance; the same spec and situation give the same bytes. A manifest holds only what
the operator means to decide, in the form the API server writes it back, so that applying it again changes nothing. No
secret's value ever stands in one.
"""

from __future__ import annotations
