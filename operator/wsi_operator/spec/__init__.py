"""What a ``WSIStreamer`` asks for, as frozen values: one noun a file.

Law of this layer: plain Python, no I/O, no clock, no Kubernetes client. Defaults are the CRD's alone: a spec comes here
as the API server has completed it. What the schema can't refuse is refused here, with one sentence that says what to mend.
"""

from __future__ import annotations
