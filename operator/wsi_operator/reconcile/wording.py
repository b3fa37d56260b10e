"""What pods say of their variables, in terms of the spec: who wrote a resource knows fields and Secrets, no variables.

The values of Secrets aren't looked at for that; the services' own words are (``settings/checks.py`` there).
"""

from __future__ import annotations

import re

from wsi_operator.spec.database import Database

_WRONG_URL = re.compile(r"\bWSI_DATABASE_(OWNER_)?URL must be\b")


def tells_of_wrong_url(words: str) -> bool:
    """Whether a pod ended since what it was given as a database's URL is none."""
    return _WRONG_URL.search(words) is not None


def by_fields(text: str, database: Database) -> str:
    """With the field, Secret and key in the place of each variable that holds a URL of the database."""
    fields = (
        ("WSI_DATABASE_URL", "spec.database.urlSecretRef", database.url),
        ("WSI_DATABASE_OWNER_URL", "spec.database.ownerUrlSecretRef", database.owner_url),
    )
    for variable, field, key in fields:
        if key is not None:
            text = text.replace(variable, f"{field} (the key '{key.key}' of the Secret '{key.name}')")
    return text
