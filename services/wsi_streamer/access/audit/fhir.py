"""An event of the log as a FHIR R4 AuditEvent (http://hl7.org/fhir/R4/auditevent.html).

Types and subtypes are DICOM's (PS3.16, context groups 400 and 401, which FHIR's value sets audit-event-type and
audit-event-sub-type include), used as IHE's ITI-20 (Record Audit Event) and DICOM PS3.15 A.5 use them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

DCM = "http://dicom.nema.org/resources/ontology/DCM"
ACTIONS = "urn:wsi-streamer:audit-action"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

_NAMES = {
    "110100": "Application Activity", "110101": "Audit Log Used", "110103": "DICOM Instances Accessed",
    "110106": "Export", "110113": "Security Alert", "110114": "User Authentication", "110120": "Application Start",
    "110112": "Query", "110121": "Application Stop", "110122": "Login", "110123": "Logout", "110132": "Use of Restricted Function",
    "110133": "Audit Recording Stopped", "110137": "User Security Attributes Changed",
}  # fmt: skip

# Action of ours: type, subtype, and FHIR's action (create, read, update, delete, execute).
_CODES: Mapping[str, tuple[str, str | None, str]] = {
    "view": ("110103", None, "R"),
    "label-view": ("110103", None, "R"),
    "macro-view": ("110103", None, "R"),
    "download": ("110106", None, "R"),
    "denial": ("110113", "110132", "E"),
    "list": ("110112", None, "E"),
    "grant-list": ("110112", None, "E"),
    "grant-read": ("110112", None, "R"),
    "explain": ("110112", None, "R"),
    "status": ("110100", None, "R"),
    "job": ("110100", None, "R"),
    "reindex": ("110100", None, "E"),
    "grant-create": ("110113", "110137", "C"),
    "grant-revoke": ("110113", "110137", "D"),
    "sign-in": ("110114", "110122", "E"),
    "sign-out": ("110114", "110123", "E"),
    "audit-read": ("110101", None, "R"),
    "prune": ("110101", None, "D"),
    "records-lost": ("110113", "110133", "E"),
    "service-start": ("110100", "110120", "E"),
    "service-stop": ("110100", "110121", "E"),
}
_OTHER = ("110100", None, "E")

_OUTCOMES = {"success": "0", "refused": "4", "failed": "8"}
"""http://hl7.org/fhir/R4/valueset-audit-event-outcome.html"""


def audit_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """The resource of an event of `export`."""
    kind, subtype, action = _CODES.get(event["action"], _OTHER)
    subtypes = [_dicom(subtype)] if subtype else []
    found: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": f"{event['writer']}-{event['seq']}",
        "type": _dicom(kind),
        "subtype": [*subtypes, {"system": ACTIONS, "code": event["action"]}],
        "action": action,
        "recorded": event["at"],
        "outcome": _OUTCOMES.get(event["outcome"], "8"),
        "agent": [_agent(event["agent"])],
        "source": {
            "observer": {
                "identifier": {"system": "urn:wsi-streamer:writer", "value": event["writer"]},
                "display": f"WSI Streamer {event['service']}",
            },
            "type": [{"system": f"{_TERMINOLOGY}/security-source-type", "code": "4", "display": "Application Server"}],
        },
    }
    if "period" in event:
        found["period"] = {"start": event["period"]["first"], "end": event["period"]["last"]}
    entities = _entities(event)
    if entities:
        found["entity"] = entities
    return found


def _agent(agent: Mapping[str, Any]) -> dict[str, Any]:
    is_service = agent["kind"] == "service"
    found: dict[str, Any] = {
        "type": {"coding": [{"system": f"{_TERMINOLOGY}/v3-ParticipationType", "code": "IRCP"}]},
        "who": {
            "identifier": {"system": f"urn:wsi-streamer:caller:{agent['kind']}", "value": agent["id"] or "unknown"}
        },
        "requestor": not is_service,
    }
    if agent.get("name"):
        found["who"]["display"] = found["name"] = agent["name"]
    if agent.get("roles"):
        found["role"] = [{"text": role} for role in agent["roles"]]
    if agent.get("address"):
        found["network"] = {"address": agent["address"], "type": "2"}  # an IP address
    if agent.get("grant"):
        found["policy"] = [f"urn:wsi-streamer:grant:{agent['grant']}"]
    return found


def _entities(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    details = [
        {"type": name, "valueString": value if isinstance(value, str) else _text(value)}
        for name, value in {"session": event.get("session"), **(event.get("detail") or {})}.items()
        if value not in (None, "", [], {})
    ]
    entity: dict[str, Any] = {}
    if event.get("slide_id"):
        entity = {
            "what": {"identifier": {"system": "urn:wsi-streamer:slide", "value": event["slide_id"]}},
            "type": {"system": f"{_TERMINOLOGY}/audit-entity-type", "code": "2", "display": "System Object"},
            "role": {"system": f"{_TERMINOLOGY}/object-role", "code": "4", "display": "Domain Resource"},
        }
    if event.get("key"):
        entity["name"] = event["key"]
    if details:
        entity["detail"] = details
    return [entity] if entity else []


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _dicom(code: str) -> dict[str, str]:
    return {"system": DCM, "code": code, "display": _NAMES[code]}
