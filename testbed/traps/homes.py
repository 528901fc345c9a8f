"""Home pages that send something when the Tab key is pressed, the only key that a timed visit presses."""

from testbed.traps.trap import HEAD, TEXT, Origin, Page, Probe, Trap, trap

_BLOB = "URL.createObjectURL(new Blob([`%s`]))"
_STARTS = "document.addEventListener('focusin',()=>{%s})"


def _page(script: str, inside: str = "", head: str = "") -> str:
    return f"{HEAD}{head}<body><main><h1>Cổng dịch vụ công</h1><p>{TEXT}</p><a id=z href='#x'>Giới thiệu</a>{inside}</main><script>{script}</script></body>"


def _home(name: str, does: str, text: str, *careless: str, **more: object) -> Trap:
    return trap(name, f"Tab: {does}", text, probe=Probe.HOMEPAGE, careless=careless or None, **more)  # type: ignore[arg-type]


_SENDS = {
    "tabstylesheet": (
        "const l=document.createElement('link');l.rel='stylesheet';l.href='@d@';document.head.append(l)",
        "links a style sheet",
    ),
    "tabform": (
        "const g=document.createElement('form');g.action='@d@';document.body.append(g);g.submit()",
        "sends a GET form",
    ),
    "tablocation": ("location='@d@/xoa'", "goes to an address that deletes"),
    "tabstream": ("new EventSource('@d@')", "opens an event stream"),
    "tabpopup": ("open('@d@')", "opens a window"),
    "tabframe": ("const i=document.createElement('iframe');i.src='@d@';document.body.append(i)", "loads a frame"),
    "tabbeacon": ("navigator.sendBeacon('@d@','x')", "sends a beacon"),
    "tabretry": ("setInterval(()=>fetch('@d@').catch(()=>0),50)", "asks again and again"),
    "tabonline": (
        "addEventListener('online',()=>fetch('@d@'));dispatchEvent(new Event('online'))",
        "waits until the line is back",
    ),
    "tabsocket": ("const s=new WebSocket('@ws@');s.onopen=()=>s.send('nop')", "opens a socket"),
    "tabhide": (
        "addEventListener('pagehide',()=>navigator.sendBeacon('@d@','x'))",
        "sends a beacon when the page is left",
    ),
    "tabkeepalive": (
        "addEventListener('pagehide',()=>fetch('@d@',{keepalive:true}))",
        "asks with keepalive when the page is left",
    ),
    "tabfont": ("new FontFace('x','url(@d@)').load().catch(()=>0)", "loads a font"),
}

TRAPS: tuple[Trap, ...] = (
    _home(
        "g78",
        "the focus queues a POST for when the page goes",
        _page(_STARTS % "fetchLater('@d@',{method:'POST',body:'x'})"),
        "tab",
        "leave",
        origin=Origin.SECURE,
    ),
    _home(
        "g79",
        "the focus posts a form's data with keepalive",
        _page(_STARTS % "fetch('@d@',{method:'POST',keepalive:true,body:'x'})"),
    ),
    _home(
        "g80",
        "a worker that was there before posts and opens a socket",
        _page(
            "const w=new Worker("
            + _BLOB
            % "onmessage=()=>{fetch('@d@',{method:'POST',mode:'no-cors'});const s=new WebSocket('@ws@');s.onopen=()=>s.send('nop')}"
            + ");"
            + _STARTS % "w.postMessage(1)"
        ),
    ),
    _home(
        "g81",
        "a socket that was open before is sent something",
        _page("const s=new WebSocket('@ws@open');" + _STARTS % "s.send('nop')"),
    ),
    _home(
        "g87",
        "the focus queues a POST, under loopback's address",
        _page(_STARTS % "fetchLater('@d@',{method:'POST',body:'x'})"),
        "tab",
        "leave",
        origin=Origin.LOOPBACK,
    ),
    _home(
        "g88",
        "the focus queues a POST for at once, under loopback's address",
        _page(_STARTS % "fetchLater('@d@',{method:'POST',body:'x',activateAfter:0})"),
        origin=Origin.LOOPBACK,
    ),
    *(_home(name, f"the focus {does}", _page(_STARTS % send), "tab", "leave") for name, (send, does) in _SENDS.items()),
    _home(
        "tabstyle",
        "a style sheet shows a picture where the focus is",
        _page("", head="<style>#z:focus{background:url('@d@')}</style>"),
    ),
    _home("tabkey", "the key itself posts", _page("addEventListener('keydown',()=>fetch('@d@',{method:'POST'}),true)")),
    _home(
        "tabshared",
        "a shared worker that was there before asks",
        _page(
            "const w=new SharedWorker("
            + _BLOB % "onconnect=e=>e.ports[0].onmessage=()=>fetch('@d@')"
            + ");"
            + _STARTS % "w.port.postMessage(1)"
        ),
    ),
    _home(
        "tabservice",
        "a service worker that was there before posts",
        _page(
            "navigator.serviceWorker.register('@at@/sw.js',{scope:'/'});"
            + _STARTS % "navigator.serviceWorker.ready.then(r=>r.active.postMessage(1))"
        ),
        more={
            "sw.js": Page(text="onmessage=e=>e.waitUntil(fetch('@d@',{method:'POST'}))", media_type="text/javascript")
        },
        origin=Origin.SECURE,
    ),
    _home(
        "tabinner",
        "a frame of another site hears of it and sends its form",
        _page(
            _STARTS % "i.contentWindow.postMessage(1,'*')",
            "<iframe id=i title=x src='@other@/inner' tabindex=-1></iframe>",
        ),
        more={
            "inner": "<form action='@d@' method=post></form><script>onmessage=()=>document.forms[0].submit()</script>"
        },
    ),
    _home(
        "tabcall",
        "a peer connection that was there before sends datagrams",
        _page(
            "const c=new RTCPeerConnection({iceServers:[{urls:'stun:127.0.0.1:@udp@'}]});c.createDataChannel('x');"
            + _STARTS % "c.createOffer().then(o=>c.setLocalDescription(o))"
        ),
    ),
)
