"""Proof of edit access: a nonce that only an editor can have put into the spreadsheet."""

from __future__ import annotations

from callsheet.sheets.client import SheetsClient


def take_proof(client: SheetsClient, spreadsheet_id: str, key: str) -> set[str]:
    """Return the values of the spreadsheet's own DOCUMENT metadata of that key, and delete them.

    Writing such metadata takes edit access; deleting them makes each proof good for one use only.
    One read, and one write if there is anything. Raises the errors of SheetsClient.
    """
    lookup = {"locationType": "SPREADSHEET", "metadataKey": key, "visibility": "DOCUMENT"}
    found = client.search_metadata(spreadsheet_id, lookup)
    if not found:
        return set()
    ids = {int(item["metadataId"]) for item in found}

    def deleted() -> bool:
        left = client.search_metadata(spreadsheet_id, lookup)
        return ids.isdisjoint(int(item["metadataId"]) for item in left)

    lookups = [{"developerMetadataLookup": {"metadataId": id_}} for id_ in sorted(ids)]
    requests = [{"deleteDeveloperMetadata": {"dataFilter": lookup}} for lookup in lookups]
    client.change(spreadsheet_id, requests, deleted)
    return {str(item.get("metadataValue", "")) for item in found}
