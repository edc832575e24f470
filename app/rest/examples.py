"""What the reference shows."""

from __future__ import annotations

WEBHOOK = """POST /hook
Content-Type: application/json
webhook-id: 01a2094e-109a-7736-a4a4-63a1c496ce5a
webhook-timestamp: 1795442400
webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=

{
  "type": "contact.updated",
  "timestamp": "2026-11-23T14:00:00Z",
  "data": {
    "kind": "contact",
    "id": "01a2094e-0be7-7250-b21e-bbb4c640b375",
    "title": "Jürgen Müller",
    "changed": ["family_name"],
    "old": {"family_name": "Mueller"},
    "new": {"family_name": "Müller"},
    "actor_id": "01a2094d-7f10-7c31-9d3e-2f9d5e2b8a11",
    "change_id": "01a2094e-1091-7a0c-8f65-0d6c54f1b2aa"
  }
}"""
