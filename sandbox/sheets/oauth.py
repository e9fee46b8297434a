"""Service accounts and access tokens: the little of OAuth that a server needs."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.sheets.errors import Json
from sandbox.sheets.requests.context import Caller

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME = 3599
LEEWAY = 300
# Libraries name Google here whatever address they send to.
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"


class TokenError(Exception):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description

    def body(self) -> Json:
        """Return the error as sent."""
        return {"error": self.error, "error_description": self.description}


@dataclass(slots=True)
class Account:
    """A service account and its key."""

    email: str
    project: str
    key_id: str
    key: rsa.RSAPrivateKey
    revoked: bool = False

    def info(self, token_uri: str) -> dict[str, str]:
        """Return the account as the JSON file Google hands out."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": self.project,
            "private_key_id": self.key_id,
            "private_key": pem.decode(),
            "client_email": self.email,
            "client_id": str(int(self.key_id[:15], 16)),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "universe_domain": "googleapis.com",
        }


@dataclass(frozen=True, slots=True)
class Token:
    """Whose token it is and how long it lasts."""

    caller: Caller
    expires: float


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Accounts:
    """The service accounts and tokens the stand-in knows."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.accounts: dict[str, Account] = {}
        self.tokens: dict[str, Token] = {}

    def create(self, email: str, project: str = "callsheet-sandbox") -> Account:
        """Make a service account with a key of its own."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        account = Account(email, project, secrets.token_hex(20), key)
        self.accounts[email] = account
        return account

    def issue(self, email: str, project: str = "callsheet-sandbox") -> str:
        """Return a fresh access token of a user."""
        token = "ya29." + secrets.token_urlsafe(48)
        with self._lock:
            self.tokens[token] = Token(Caller(email, project), self._clock() + LIFETIME)
        return token

    def caller(self, token: str) -> Caller | None:
        """Return whose token it is, None when unknown or expired."""
        found = self.tokens.get(token)
        if found is None or found.expires <= self._clock():
            return None
        return found.caller

    def expire_all(self) -> None:
        """Let every token given out so far run out."""
        with self._lock:
            self.tokens.clear()

    def revoke(self, email: str, *, revoked: bool = True) -> None:
        """Disable a service account with its tokens, or enable it again."""
        self.accounts[email].revoked = revoked
        if revoked:
            with self._lock:
                self.tokens = {
                    text: token
                    for text, token in self.tokens.items()
                    if token.caller.email != email
                }

    def exchange(self, form: dict[str, Any], audience: str) -> Json:
        """Return a token for a signed assertion, or raise the refusal."""
        if form.get("grant_type") != GRANT:
            raise TokenError(
                "unsupported_grant_type", "Invalid grant_type: " + str(form.get("grant_type"))
            )
        account = self._verified(str(form.get("assertion", "")), audience)
        token = self.issue(account.email, account.project)
        return {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}

    def _verified(self, assertion: str, audience: str) -> Account:
        try:
            head, claims, signature = assertion.split(".")
            header, said = json.loads(_decoded(head)), json.loads(_decoded(claims))
            signed = _decoded(signature)
        except (ValueError, binascii.Error) as error:
            raise TokenError("invalid_grant", "Bad Request") from error
        account = self.accounts.get(said.get("iss"))
        if account is None:
            raise TokenError("invalid_grant", "Invalid grant: account not found")
        if account.revoked or header.get("alg") != "RS256":
            raise TokenError("invalid_grant", "Invalid JWT Signature.")
        try:
            account.key.public_key().verify(
                signed, f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature as error:
            raise TokenError("invalid_grant", "Invalid JWT Signature.") from error
        self._check_claims(said, audience)
        return account

    def _check_claims(self, said: Json, audience: str) -> None:
        now = self._clock()
        issued, expires = float(said.get("iat", 0)), float(said.get("exp", 0))
        if said.get("aud") not in {audience, GOOGLE_AUDIENCE}:
            raise TokenError("invalid_grant", "Invalid JWT: Failed audience check.")
        if not issued - LEEWAY <= now <= expires + LEEWAY or expires - issued > 3600 + LEEWAY:
            raise TokenError(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable"
                " timeframe. Check your iat and exp values in the JWT claim.",
            )
        if not said.get("scope"):
            raise TokenError("invalid_scope", "Empty or missing scope not allowed.")
