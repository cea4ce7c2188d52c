"""The hub of models: without a network its client retries for minutes before it looks at what it has."""

import ssl
import urllib.error
import urllib.request

TIMEOUT = 5.0
"""Seconds in which the hub must answer."""


def use_cache_without_network() -> bool:
    """Have Hugging Face's client read its cache only, for the rest of the process, where its server does not answer.

    Returns
    -------
    bool
        Whether the hub can be asked.
    """
    from huggingface_hub import constants

    if not constants.is_offline_mode() and not _answers(constants.ENDPOINT):
        constants.HF_HUB_OFFLINE = True
    return not constants.is_offline_mode()


def _answers(url: str) -> bool:
    """Return whether there is a server, whatever it says; the client has certificates of its own to judge it by."""
    try:
        urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=TIMEOUT).close()
    except urllib.error.HTTPError:
        return True
    except urllib.error.URLError as error:
        return isinstance(error.reason, ssl.SSLError)
    except OSError:
        return False
    return True
