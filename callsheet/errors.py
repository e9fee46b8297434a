"""Every error that we raise on purpose, grouped by what helps.

    CallsheetError
      ConfigError                    fix_by_user   a setting is missing or wrong
        ServiceAccountGone           fix_by_user   the key that a connection writes with is gone
      RequestError                                 sidebar or command asked for something wrong
        InvalidRequest               fix_by_user   HTTP 400
        NotSignedIn                  fix_by_user   HTTP 401
        NotAllowed                   fix_by_user   HTTP 403
        NotFound                     fix_by_user   HTTP 404
        EditNotProved                fix_by_user   HTTP 403
        TooManyRequests              retry_later   HTTP 429
      SourceError                                  Aircall
        CredentialsRejected          fix_by_user   401, 403 (Aircall answers 403 for a wrong key)
        SourceRequestRefused         report_bug    400: we asked for something wrong
          SourceNotFound             report_bug    404, 410: Aircall has moved or ended a list
        SourceRateLimited            retry_later   429 until the deadline
        SourceUnavailable            retry_later   5xx, network
        UnexpectedPayload            report_bug    an answer of another shape
      DestinationError                             Google
        SpreadsheetNotFound          fix_by_user
        NoEditAccess                 fix_by_user
        GoogleCredentialsRejected    fix_by_user   the service account's key is not accepted
        TabMissing                   fix_by_user   the tab was deleted by a person
        KeyColumnMissing             fix_by_user   the column with the ids was deleted
        TabProtected                 fix_by_user
        TabInUse                     retry_later   another run writes this tab
        SpreadsheetFull              fix_by_user
        NothingToUndo                fix_by_user   nothing is kept from before a replace run
        UndoImpossible               fix_by_user   what is kept has no place any more
        DestinationRefused           report_bug    any other 4xx
        DestinationRateLimited       retry_later
        DestinationUnavailable       retry_later
      RunError
        RunTimedOut                  retry_later
        RunLost                      retry_later
        LeaseLost                    retry_later   another worker has taken the run over
        RunCancelled                 fix_by_user   a person cancelled it
        IllegalMove                  report_bug    a run cannot go from that state to this one
        TooManyFollow                retry_later   no thread is left to follow a run live
      OutgoingError                                notices and webhooks that we send
        AddressRefused               fix_by_user   an address that we must not call
        DeliveryFailed               retry_later   the other side did not take it
      StoreUnavailable               retry_later   Redis does not answer
      NotReady                       retry_later   no scheduler or no worker runs

Each class carries a stable `code`, a `user_message` (one sentence that is safe to show and says
what to do) and a `recovery`. The text given to the constructor is for the log only and must hold no
secret, phone number or name; `message=` replaces the sentence where a value makes it clearer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Recovery(StrEnum):
    """What helps after an error."""

    FIX_BY_USER = "fix_by_user"
    RETRY_LATER = "retry_later"
    REPORT_BUG = "report_bug"


class CallsheetError(Exception):
    """The root of all errors that we raise on purpose."""

    code: ClassVar[str] = "internal_error"
    recovery: ClassVar[Recovery] = Recovery.REPORT_BUG
    default_message: ClassVar[str] = (
        "Something went wrong on our side. Try again; if it stays, report it with the time of day."
    )

    def __init__(self, detail: str = "", *, message: str | None = None) -> None:
        super().__init__(detail or message or self.default_message)
        self.user_message = message or self.default_message


class ConfigError(CallsheetError):
    """A setting is missing or wrong; the message lists all of them at once."""

    code = "config_error"
    recovery = Recovery.FIX_BY_USER
    default_message = "A setting of the server is missing or wrong. Run `callsheet doctor`."


class ServiceAccountGone(ConfigError):
    """The service account that a connection is pinned to is no longer among the server's keys."""

    code = "service_account_gone"
    default_message = (
        "The service account that writes this spreadsheet is no longer on the server. Put its key "
        "file back, or disconnect and connect again."
    )


class RequestError(CallsheetError):
    """The sidebar or a command asked for something that cannot be."""

    recovery = Recovery.FIX_BY_USER


class InvalidRequest(RequestError):
    """The input does not make sense."""

    code = "invalid_request"
    default_message = "This input is not valid. Check it and try again."


class NotSignedIn(RequestError):
    """No session, or one that has ended."""

    code = "not_signed_in"
    default_message = "Your session has ended. Open Callsheet again from the Extensions menu."


class NotAllowed(RequestError):
    """A session that may not do this."""

    code = "not_allowed"
    default_message = "You may not do this. Ask the person who runs Callsheet for you."


class EditNotProved(RequestError):
    """The person has not yet shown that they can edit the spreadsheet."""

    code = "edit_not_proved"
    default_message = "Callsheet first has to check that you can edit this spreadsheet."


class NotFound(RequestError):
    """Nothing of that id in this spreadsheet."""

    code = "not_found"
    default_message = "This no longer exists in this spreadsheet. Reload the sidebar."


class TooManyRequests(RequestError):
    """More requests than the door lets through."""

    code = "too_many_requests"
    recovery = Recovery.RETRY_LATER
    default_message = "That was too often. Try again in a minute."


class SourceError(CallsheetError):
    """Aircall did not give what we asked for."""


class CredentialsRejected(SourceError):
    """Aircall does not accept the API key."""

    code = "credentials_rejected"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "Aircall does not accept this API ID and token. Copy both again from Aircall, "
        "Integrations & API, API keys (an admin's key), and connect once more."
    )


class SourceRequestRefused(SourceError):
    """Aircall refused a request that we should not have made."""

    code = "source_request_refused"
    default_message = "Aircall refused a request of ours. Nothing was lost; please report this."


class SourceNotFound(SourceRequestRefused):
    """Aircall has nothing at that address (any more)."""

    code = "source_not_found"
    default_message = (
        "Aircall no longer answers where this list used to be. Your tab is as it was; "
        "please report this."
    )


class SourceRateLimited(SourceError):
    """Aircall's request limit stayed closed until our deadline."""

    code = "source_rate_limited"
    recovery = Recovery.RETRY_LATER
    default_message = (
        "Aircall's request limit is used up, perhaps by other tools on the same account. "
        "Try again in a few minutes."
    )


class SourceUnavailable(SourceError):
    """Aircall could not be reached, or answered with an error of its own."""

    code = "source_unavailable"
    recovery = Recovery.RETRY_LATER
    default_message = (
        "Aircall cannot be reached right now. Your tab is as it was; try again in a few minutes."
    )


class UnexpectedPayload(SourceError):
    """Aircall answered in a shape that we do not know."""

    code = "unexpected_payload"
    default_message = (
        "Aircall answered in a form that Callsheet does not know. Your tab is whole; "
        "please report this."
    )


class DestinationError(CallsheetError):
    """Google did not do what we asked for."""


class SpreadsheetNotFound(DestinationError):
    """No such spreadsheet, or not one that we may see."""

    code = "spreadsheet_not_found"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "This spreadsheet does not exist or has been deleted. Check its id (the long part of its "
        "address between /d/ and /edit)."
    )


class NoEditAccess(DestinationError):
    """The service account may not edit the spreadsheet."""

    code = "no_edit_access"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "Callsheet may not edit this spreadsheet. Share it, as editor, with the service account."
    )


class GoogleCredentialsRejected(DestinationError):
    """Google does not accept the service account's key."""

    code = "google_credentials_rejected"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "Google does not accept the service account's key. Make a new key for it and set "
        "GOOGLE_SERVICE_ACCOUNT_FILE."
    )


class TabMissing(DestinationError):
    """The tab that we wrote has been deleted."""

    code = "tab_missing"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "The tab of this import was deleted, so it is paused. Import again to make the tab again, "
        "or remove the import."
    )


class KeyColumnMissing(DestinationError):
    """The column with the ids was deleted: the rows cannot be told apart any more."""

    code = "key_column_missing"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "The column with the ids was deleted from the tab, so its rows cannot be told apart. Undo "
        "that (File, Version history), or delete the tab and import again."
    )


class TabProtected(DestinationError):
    """A protection made by a person keeps us from writing."""

    code = "tab_protected"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "A protected range keeps Callsheet from writing to its tab. Remove the protection or allow "
        "the service account in Data, Protect sheets and ranges."
    )


class TabInUse(DestinationError):
    """Another run is writing the same tab."""

    code = "tab_in_use"
    recovery = Recovery.RETRY_LATER
    default_message = "Another import is writing to this tab. It will go on when that one is done."


class SpreadsheetFull(DestinationError):
    """The import would pass Google's limit of 10 million cells.

    rows_that_fit: how many of its rows there is room for, where that is known.
    """

    rows_that_fit: int | None = None

    code = "spreadsheet_full"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "This spreadsheet has no room for the import: Google allows 10 million cells in one file. "
        "Choose a later start date, or delete tabs or empty rows that you do not need."
    )


class NothingToUndo(DestinationError):
    """No data from before a replacing import are kept."""

    code = "nothing_to_undo"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "There is nothing to go back to. What an import replaces is kept for a day, until the next "
        "import. For older data, choose File, Version history in Google Sheets."
    )


class UndoImpossible(DestinationError):
    """The data are kept, but would no longer stand beside the person's own cells."""

    code = "undo_impossible"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "Rows of this tab have been moved, added or deleted since the import, so the old data "
        "would stand beside the wrong notes of yours. Choose File, Version history in Google "
        "Sheets."
    )


class DestinationRefused(DestinationError):
    """Google refused a request for a reason that we do not know."""

    code = "destination_refused"
    default_message = "Google refused a change to the tab. Nothing was lost; please report this."


class DestinationRateLimited(DestinationError):
    """Google's quota stayed used up until our deadline."""

    code = "destination_rate_limited"
    recovery = Recovery.RETRY_LATER
    default_message = (
        "Google's request quota for this minute is used up. Try again in a few minutes."
    )


class DestinationUnavailable(DestinationError):
    """Google Sheets could not be reached, or answered with an error of its own."""

    code = "destination_unavailable"
    recovery = Recovery.RETRY_LATER
    default_message = (
        "Google Sheets cannot be reached right now. Your tab is whole; try again in a few minutes."
    )


class RunError(CallsheetError):
    """A run ended for a reason of its own."""

    recovery = Recovery.RETRY_LATER


class RunTimedOut(RunError):
    """The run took longer than allowed."""

    code = "run_timed_out"
    default_message = "The import took too long and was stopped. Start it again: it goes on."


class RunLost(RunError):
    """The worker of the run vanished more often than we try again."""

    code = "run_lost"
    default_message = "The import was interrupted several times. Start it again: it goes on."


class LeaseLost(RunError):
    """Another worker has taken this run over."""

    code = "lease_lost"
    default_message = "The import was taken over by another worker."


class RunCancelled(RunError):
    """A person has cancelled the run."""

    code = "run_cancelled"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "The import was cancelled. What it had written stays; start it again when you like."
    )


class IllegalMove(RunError):
    """A run cannot go from the state it is in to that one."""

    code = "illegal_move"
    recovery = Recovery.REPORT_BUG
    default_message = "The import was in an unexpected state. Start it again, and report this."


class TooManyFollow(RunError):
    """No thread of the web process is left to follow a run live."""

    code = "too_many_follow"
    default_message = "Many people follow their imports right now. Ask for the run instead."


class OutgoingError(CallsheetError):
    """A notice or a webhook did not reach its address."""


class AddressRefused(OutgoingError):
    """An address that we do not call: not https, unknown, or inside a private network."""

    code = "address_refused"
    recovery = Recovery.FIX_BY_USER
    default_message = (
        "Callsheet cannot send to this address. Give one that begins with https:// and can be "
        "reached from the internet."
    )


class DeliveryFailed(OutgoingError):
    """The other side did not take a notice or a webhook."""

    code = "delivery_failed"
    recovery = Recovery.RETRY_LATER
    default_message = (
        "The other side did not accept the message. Callsheet tries again by itself; check the "
        "address if it stays."
    )


class StoreUnavailable(CallsheetError):
    """Redis does not answer."""

    code = "store_unavailable"
    recovery = Recovery.RETRY_LATER
    default_message = "Callsheet's store cannot be reached right now. Try again in a minute."


class NotReady(CallsheetError):
    """A process without which nothing is imported is not running."""

    code = "not_ready"
    recovery = Recovery.RETRY_LATER
    default_message = "Callsheet is starting or only partly running. Try again in a minute."
