"""Signs identity tokens as Google does, and shows the certificates that prove them."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from flask import Blueprint, Response
from google.auth import crypt, jwt

ISSUER = "https://accounts.google.com"
LIFETIME = timedelta(hours=1)
CERTS_MAX_AGE_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Person:
    """Somebody with a Google account."""

    sub: str
    email: str
    hosted_domain: str | None = None


class Issuer:
    """One signing key and its self-signed certificate, new with every start."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.key_id = uuid.uuid4().hex
        self._signer = crypt.RSASigner.from_string(  # type: ignore[no-untyped-call]
            pem.decode(), key_id=self.key_id
        )
        self._certificate = _self_signed(key)

    def certs(self) -> dict[str, str]:
        """The answer of https://www.googleapis.com/oauth2/v1/certs: key id to certificate."""
        return {self.key_id: self._certificate}

    def mint(
        self,
        person: Person,
        audience: str,
        *,
        now: datetime | None = None,
        **changed_claims: object,
    ) -> str:
        """Sign a token as ScriptApp.getIdentityToken gives it; a claim of None is left out."""
        issued = now or datetime.now(UTC)
        claims: dict[str, object] = {
            "iss": ISSUER,
            "azp": audience,
            "aud": audience,
            "sub": person.sub,
            "hd": person.hosted_domain,
            "email": person.email,
            "email_verified": True,
            "iat": int(issued.timestamp()),
            "exp": int((issued + LIFETIME).timestamp()),
        }
        claims.update(changed_claims)
        kept = {name: value for name, value in claims.items() if value is not None}
        token: bytes = jwt.encode(self._signer, kept)  # type: ignore[no-untyped-call]
        return token.decode()


def certs_page(issuer: Issuer) -> Blueprint:
    """Serve GET /certs in Google's shape, with the caching header that verifiers obey."""
    page = Blueprint("identity", __name__)

    @page.get("/certs")
    def certs() -> Response:
        answer = Response(json.dumps(issuer.certs()), mimetype="application/json")
        answer.headers["Cache-Control"] = (
            f"public, max-age={CERTS_MAX_AGE_SECONDS}, must-revalidate, no-transform"
        )
        return answer

    return page


def _self_signed(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "identity.stand-in.invalid")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
