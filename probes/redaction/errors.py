"""
What a browser says of errors, without what pages say in them.

A message is read for the browser's own phrases, names of its errors and classes; these are told, whoever wrote the message, and
everything between them is hidden.
"""

import re
from collections.abc import Iterator, Mapping

from probes.redaction.words import HIDDEN, is_word

MOST_CHARACTERS = 600
"""Of a message that are read: what a browser says comes first."""


_CLASSES = frozenset(
    """
    Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError InternalError DOMException
    AbortError ConstraintError DataCloneError DataError EncodingError HierarchyRequestError InUseAttributeError
    InvalidAccessError InvalidCharacterError InvalidModificationError InvalidNodeTypeError InvalidStateError NamespaceError
    NetworkError NoModificationAllowedError NotAllowedError NotFoundError NotReadableError NotSupportedError
    OperationError QuotaExceededError ReadOnlyError SecurityError TimeoutError TransactionInactiveError UnknownError
    VersionError WrongDocumentError ChunkLoadError AxiosError HttpErrorResponse
    Object Array Map Set Date Promise RegExp Function Event ErrorEvent ProgressEvent Response Window HTMLDocument null
    """.split()  # noqa: SIM905
)
_NET_ERROR = re.compile(r"net::ERR_[A-Z_]{2,50}(?![\w-])")
_STATUS = re.compile(r"status of ([1-5][0-9]{2})\b")

_PHRASES: tuple[str, ...] = (
    # of ours (probes.accessibility.opening)
    "to open the form again would make another draft",
    # of scripts (V8) and their loaders
    "Uncaught (in promise)", "Uncaught", "Cannot read properties of undefined", "Cannot read properties of null",
    "Cannot set properties of undefined", "Cannot set properties of null", "Cannot convert undefined or null to object",
    "is not a function", "is not defined", "is not a constructor", "is not iterable", "is not valid JSON", "is not an object",
    "is null", "is undefined", "has already been declared", "Assignment to constant variable", "before initialization",
    "Unexpected token", "Unexpected identifier", "Unexpected end of input", "Unexpected end of JSON input", "Unexpected string",
    "Invalid or unexpected token", "Illegal return statement", "Invalid regular expression", "Invalid URL", "Invalid Date",
    "Invalid left-hand side", "missing ) after argument list", "Maximum call stack size exceeded", "Invalid array length",
    "Failed to fetch", "Load failed", "Network Error", "NetworkError when attempting to fetch resource",
    "Failed to execute", "Failed to construct", "The user aborted a request", "signal is aborted without reason",
    "Loading chunk", "Importing a module script failed", "Failed to fetch dynamically imported module",
    "ResizeObserver loop", "Script error", "Minified React error", "jQuery", "out of memory", "timeout",
    # of what the browser reports itself
    "Failed to load resource", "the server responded with a status of", "Mixed Content", "was loaded over HTTPS",
    "requested an insecure", "Refused to load the script", "Refused to load the stylesheet", "Refused to load the image",
    "Refused to load the font", "Refused to load media", "Refused to load manifest", "Refused to load plugin data",
    "Refused to connect to", "Refused to frame", "Refused to display", "Refused to execute script", "Refused to execute inline",
    "Refused to apply style", "Refused to apply inline style", "Refused to evaluate a string", "Refused to create a worker",
    "Refused to send form data", "Refused to set the document's base URI", "Refused to get unsafe header",
    "Refused to set unsafe header", "Loading the script", "Loading the stylesheet", "Loading the image", "Loading the font",
    "Connecting to", "Framing", "Executing inline", "Applying inline style", "Evaluating a string as JavaScript",
    "violates the following Content Security Policy directive", "Content Security Policy", "report-only", "X-Frame-Options",
    "default-src", "script-src-elem", "script-src-attr", "script-src", "style-src-elem", "style-src-attr", "style-src",
    "img-src", "font-src", "connect-src", "media-src", "object-src", "frame-src", "frame-ancestors", "child-src", "worker-src",
    "manifest-src", "form-action", "base-uri", "sandbox", "upgrade-insecure-requests", "block-all-mixed-content",
    "strict MIME type checking is enabled", "MIME type", "is not executable", "is not a supported stylesheet MIME type",
    "has been blocked by CORS policy", "No 'Access-Control-Allow-Origin' header is present",
    "Response to preflight request doesn't pass access control check", "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy", "Permissions policy",
    "Failed to find a valid digest in the 'integrity' attribute", "was preloaded using link preload but not used",
    "SameSite", "third-party cookie", "deprecated", "Deprecation", "[Violation]", "[Intervention]", "[DOM]", "[Report Only]",
    "Synchronous XMLHttpRequest", "document.write", "Unload event listeners", "non-passive event listener",
    "Slow network is detected", "Blocked attempt to show", "Blocked a frame with origin", "Blocked script execution",
    "Access to", "WebSocket connection", "Error during WebSocket handshake", "Error in event handler",
    "Failed to decode downloaded font", "OTS parsing error", "Failed to parse SourceMap", "Quirks Mode",
    "Manifest", "Subresource Integrity", "Autofocus processing was blocked", "Tracking Prevention", "quota",
    "ServiceWorker", "GPU stall", "WebGL", "The resource", "Third-party cookie", "Form submission canceled",
)  # fmt: skip

_CLASS = re.compile(r"(?<![\w.$-])[A-Za-z]{4,40}(?![\w.$-])")


def kept_error(text: str) -> str:
    """
    Return what a browser's message of an error says without what a page wrote in it: class, phrases, net error and status.

    Returns:
        "TypeError: … is not a function"; HIDDEN where nothing of it is known, empty for an empty text.

    """
    text = text[:MOST_CHARACTERS]
    if not text.strip():
        return ""
    # Of two that begin at one place the longer is told.
    found = {at: phrase for phrase in sorted(_PHRASES, key=len) for at in _places(text, phrase)}
    found |= {match.start(): match.group() for match in _CLASS.finditer(text) if match.group() in _CLASSES}
    found |= {match.start(): match.group() for match in _NET_ERROR.finditer(text) if _is_net_error(match.group())}
    found |= {match.start(1): match[1] for match in _STATUS.finditer(text)}
    return _told(text, found) or HIDDEN


def kept_class(name: str) -> str:
    """Return a class that scripts and browsers have by themselves; one of the page's own is only an Object."""
    return name if name in _CLASSES or _is_element(name) else "Object"


def _places(text: str, phrase: str) -> Iterator[int]:
    """Yield where a phrase stands as words of its own."""
    at = text.find(phrase)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(phrase) : at + len(phrase) + 1]
        if not any(sign.isalnum() for sign in around):
            yield at
        at = text.find(phrase, at + len(phrase))


def _told(text: str, found: Mapping[int, str]) -> str:
    """Return what was found, in order, with a mark where something else stands; of two at one place the longer."""
    parts: list[str] = []
    end = 0
    for at, phrase in sorted(found.items()):
        if at < end:
            continue
        if text[end:at].strip(_SIGNS):
            parts.append(HIDDEN)
        parts.append(phrase)
        end = at + len(phrase)
    if parts and text[end:].strip(_SIGNS):
        parts.append(HIDDEN)
    return " ".join(parts)


def _is_element(name: str) -> bool:
    return bool(_ELEMENT.fullmatch(name)) and name.removeprefix("HTML").removesuffix("Element").lower() in _ELEMENTS


_SIGNS = " :()'\".,\n"
_ELEMENT = re.compile(r"HTML[A-Za-z]{1,20}Element")
_ELEMENTS = frozenset(
    """
    anchor button canvas div form iframe image input link script select span style table textarea video
    """.split()  # noqa: SIM905
)


def _is_net_error(name: str) -> bool:
    return all(is_word(part) for part in name.removeprefix("net::").split("_"))
