"""One POST to an address that a person gave us: checked, pinned, without redirects, and short."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from callsheet.errors import DeliveryFailed
from callsheet.outgoing.address import Resolve, checked, resolve

_TIMEOUT = httpx.Timeout(5.0, connect=3.0)


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    on_this_machine: bool,
    resolve: Resolve = resolve,
) -> int:
    """Send JSON and return the status of the answer (200 to 299); its body is not read.

    on_this_machine: see `address.checked`. Raises AddressRefused, or DeliveryFailed whose text is
    a status or the kind of the failure and never anything that the other side said.
    """
    target = checked(url, on_this_machine=on_this_machine, resolve=resolve)
    address = httpx.URL(target.url)
    request = httpx.Request(
        "POST",
        address.copy_with(host=target.ip),
        content=body,
        headers={
            "Host": address.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": "callsheet",
            **headers,
        },
        # The certificate is checked against the name, although we connect to the IP address.
        extensions={"sni_hostname": target.host, "timeout": _TIMEOUT.as_dict()},
    )
    try:
        # No proxy of the environment: it would resolve the name again.
        with httpx.Client(
            verify=httpx.create_ssl_context(), trust_env=False, follow_redirects=False
        ) as client:
            response = client.send(request, stream=True)
            response.close()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(type(error).__name__) from None
    if not response.is_success:
        raise DeliveryFailed(str(response.status_code))
    return response.status_code
