"""
What the browser sends by itself, past what holds the requests of pages (reports, calls, logins), realms in which no script of ours
runs, and what posts and readings say besides their path.
"""

from base64 import b64encode
from struct import pack

from testbed.traps.trap import CANARY, HEAD, TEXT, Origin, Page, Probe, Trap, form, trap

_JS = "text/javascript"
_BREAKS = {"Reporting-Endpoints": 'a="@d@"', "Content-Security-Policy": "img-src 'none'; report-to a"}
_BROKEN = f"{HEAD}<body><p>{TEXT}</p><img src='@at@/x.png'>"
_STILL = "<iframe id=i sandbox='allow-same-origin' srcdoc='<p>x'></iframe>"
"""A frame in which no script runs, ours neither; the page may use its realm all the same."""

_TURN = (
    "{iceTransportPolicy:'relay',iceServers:[{urls:'%s:127.0.0.1:@tcp@?transport=tcp',username:'nop',credential:'x'}]}"
)
_CALL = "c.createDataChannel('x');c.createOffer().then(o=>c.setLocalDescription(o))"
_POSTS = "fetch('@d@',{method:'POST',mode:'no-cors',body:'nop=1'})"


def _sound() -> str:
    """Return a second of a low tone, as an address."""
    samples = bytes(128 + (40 if at // 10 % 2 else -40) for at in range(8000))
    head = pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(samples),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        8000,
        8000,
        1,
        8,
        b"data",
        len(samples),
    )
    return "data:audio/wav;base64," + b64encode(head + samples).decode()


TRAPS: tuple[Trap, ...] = (
    trap(
        "goneframe",
        "a frame that breaks its own policy is taken out, upon which the browser reports it",
        form(after="<iframe id=i src='@at@/khung'></iframe>", script="i.onload=()=>setTimeout(()=>i.remove(),300)"),
        more={"khung": Page(text=_BROKEN, headers=_BREAKS)},
        origin=Origin.SECURE,
    ),
    trap(
        "goneframes",
        "a frame that breaks its own policy goes on to another page, upon which the browser reports it",
        form(
            after="<iframe id=i src='@at@/khung'></iframe>",
            script="i.onload=()=>{i.onload=0;setTimeout(()=>i.src='@at@/x',300)}",
        ),
        more={"khung": Page(text=_BROKEN, headers=_BREAKS), "x": "x"},
        origin=Origin.SECURE,
    ),
    trap(
        "gonepage",
        "the page on the way breaks its own policy, which the browser reports as soon as it is left",
        f"{_BROKEN}<a data-bait href='@at@/to-khai'>Tiếp tục</a>",
        probe=Probe.FOLLOW,
        headers=_BREAKS,
        more={"to-khai": form()},
        origin=Origin.SECURE,
        opens=True,
    ),
    trap(
        "oldturn",
        "the peer connection by its old name speaks TURN over TCP to a server of the page's",
        form(script=f"const c=new webkitRTCPeerConnection({_TURN % 'turn'});{_CALL}"),
        origin=Origin.LOOPBACK,
    ),
    trap(
        "secureturn",
        "the same over TLS",
        form(script=f"const c=new webkitRTCPeerConnection({_TURN % 'turns'});{_CALL}"),
        origin=Origin.LOOPBACK,
    ),
    trap(
        "stillturn",
        "takes the peer connection of a frame without script, which speaks TURN over TCP",
        form(
            after=_STILL,
            script=f"i.onload=()=>{{const c=new i.contentWindow.RTCPeerConnection({_TURN % 'turn'});{_CALL}}}",
        ),
        origin=Origin.LOOPBACK,
    ),
    trap(
        "stillservice",
        "registers a service worker by a frame without script; it posts when it is installed",
        form(
            after=_STILL,
            script="i.onload=()=>i.contentWindow.navigator.serviceWorker.register('@at@/sw.js',{scope:'/'})",
        ),
        more={"sw.js": Page(text=f"oninstall=()=>{{{_POSTS}}}", media_type=_JS)},
        origin=Origin.SECURE,
    ),
    trap(
        "stillsocket",
        "takes the socket of a frame without script",
        form(
            after=_STILL,
            script="i.onload=()=>{const s=new i.contentWindow.WebSocket('@ws@');s.onopen=()=>s.send('nop')}",
        ),
    ),
    trap(
        "stillshared",
        "takes the shared worker of a frame without script",
        form(
            after=_STILL,
            script=f"i.onload=()=>new i.contentWindow.SharedWorker(URL.createObjectURL(new Blob([`{_POSTS}`])))",
        ),
    ),
    trap(
        "fedcm",
        "asks to log in by another site, whose configuration the browser itself fetches",
        form(
            script="navigator.credentials.get({identity:{providers:[{configURL:'@d@/fedcm.json',clientId:'1',nonce:'n'}]}}).catch(()=>0)"
        ),
        origin=Origin.SECURE,
    ),
    trap(
        "keptredirect",
        "a fetch that outlives its page is redirected to an address that deletes",
        form(script="fetch('@at@/qua',{keepalive:true}).catch(()=>0)"),
        more={"qua": Page(text="", status=307, headers={"Location": "@d@/xoa"})},
    ),
    trap(
        "draftkept",
        "a post that the journey allows, and that outlives its page, is redirected with its method to another address",
        form(script="fetch('@at@/nhap',{method:'POST',body:'x',keepalive:true}).catch(()=>0)"),
        probe=Probe.DRAFT,
        more={"nhap": Page(text="", status=307, headers={"Location": "@d@/luu"})},
        may_post=("nhap",),
    ),
    trap(
        "draftmethod",
        "the body of a post that the journey allows says that it is a DELETE",
        form(
            script=f"fetch('@at@/nhap',{{method:'POST',body:new URLSearchParams({{_method:'DELETE',x:'{CANARY}'}})}}).catch(()=>0)"
        ),
        probe=Probe.DRAFT,
        may_post=("nhap",),
    ),
    trap(
        "draftjson",
        "the body of a post that the journey allows says, as JSON, that the file shall be handed in",
        form(
            script=f"fetch('@at@/nhap',{{method:'POST',body:JSON.stringify({{action:'submit',x:'{CANARY}'}})}}).catch(()=>0)"
        ),
        probe=Probe.DRAFT,
        may_post=("nhap",),
    ),
    trap(
        "draftparts",
        "the same in a body of several parts",
        form(
            script=f"const b=new FormData();b.append('thaotac','xóa hồ sơ');b.append('x','{CANARY}');"
            "fetch('@at@/nhap',{method:'POST',body:b}).catch(()=>0)"
        ),
        probe=Probe.DRAFT,
        may_post=("nhap",),
    ),
    trap(
        "draftblob",
        "the body of a post that the journey allows is a file, which nobody can look into",
        form(
            script=f"fetch('@at@/nhap',{{method:'POST',headers:{{'content-type':'text/plain'}},body:new Blob(['_method=DELETE&x={CANARY}'])}}).catch(()=>0)"
        ),
        probe=Probe.DRAFT,
        may_post=("nhap",),
    ),
    trap(
        "draftquery",
        "the query of a post that the journey allows says that it is a PUT",
        form(script=f"fetch('@at@/nhap?_method=PUT&x={CANARY}',{{method:'POST',body:'y'}}).catch(()=>0)"),
        probe=Probe.DRAFT,
        may_post=("nhap",),
    ),
    trap(
        "draftform",
        "a form posts to the path that the journey allows, with a button that says what shall be done",
        form(
            after=f"<form id=g method=post action='@at@/nhap' target=n><input name=x value={CANARY}><button id=b name=action value=delete>x</button></form><iframe name=n></iframe>",
            script="HTMLFormElement.prototype.requestSubmit.call(g,b);g.append(Object.assign(document.createElement('input'),{name:'action',value:'delete'}));"
            "const i=document.createElement('iframe');i.sandbox='allow-same-origin allow-forms';document.body.append(i);"
            "i.contentDocument.body.innerHTML=g.outerHTML.replace('target=\"n\"','');i.contentDocument.querySelector('button').click()",
        ),
        probe=Probe.DRAFT,
        may_post=("nhap",),
    ),
    trap(
        "queryput",
        "the query of a GET says that it is a PUT",
        form(script="new Image().src='@d@?_method=PUT&id=1'"),
    ),
    trap(
        "querypost",
        "the query of a GET names, as programmers do, the method that is meant",
        form(script="fetch('@d@?X-HTTP-Method-Override=POST')"),
    ),
    trap(
        "headeraction",
        "a header of a GET says what shall be done",
        form(
            script="fetch('@d@',{headers:{'X-HTTP-Method-Override-To':'DELETE'}}).catch(()=>0);fetch('@d@/2',{headers:{'X-Action':'xoa-ho-so'}}).catch(()=>0)"
        ),
    ),
    trap(
        "mutation",
        "a GET asks a service that speaks GraphQL to hand in a file",
        form(script="fetch('@d@/graphql?query='+encodeURIComponent('mutation{nopHoSo(id:1){id}}'))"),
    ),
    trap(
        "draftagain",
        "a post that the journey allows is redirected, with its method, to itself with another query",
        form(script="fetch('@at@/nhap',{method:'POST',body:'x'}).then(r=>r.text()).catch(()=>0)"),
        probe=Probe.DRAFT,
        more={"nhap": Page(text="", status=307, headers={"Location": f"@at@/nhap?action=nop&x={CANARY}"})},
        may_post=("nhap",),
    ),
    trap(
        "draftstream",
        "the body of a post that the journey allows is written in another alphabet than it seems",
        form(
            script=f"const t='_method=DELETE&x={CANARY}';fetch('@at@/nhap',{{method:'POST',headers:{{'content-type':"
            "'application/x-www-form-urlencoded;charset=utf-7'},body:t}).catch(()=>0)"
        ),
        probe=Probe.DRAFT,
        may_post=("nhap",),
    ),
    trap(
        "asked",
        "asks with OPTIONS, of which a page has no use",
        form(script="fetch('@d@',{method:'OPTIONS'}).catch(()=>0)"),
    ),
    trap(
        "speculated",
        "a link is fetched ahead when it is pressed, by which time it leads somewhere else",
        f'{HEAD}<script type=speculationrules>{{"prefetch":[{{"where":{{"selector_matches":"a"}},"eagerness":"moderate"}}]}}</script>'
        f"<h1>Dịch vụ công</h1><p>{TEXT}</p><a id=a data-bait href='@at@/to-khai'>Tiếp tục</a>"
        "<script>a.onmouseover=()=>{a.href='@d@/xoa'}</script>",
        probe=Probe.FOLLOW,
        more={"to-khai": form()},
        origin=Origin.SECURE,
    ),
    trap(
        "dismissed",
        "a question that nobody answers is taken for a no, which deletes",
        f"{HEAD}<h1>Dịch vụ công</h1><p>{TEXT}</p><button data-bait type=button onclick=\"if(!confirm('Giữ lại?'))"
        "location='@d@/xoahoso/1';else location='@at@/to-khai'\">Tiếp tục</button>",
        probe=Probe.FOLLOW,
        more={"to-khai": form()},
    ),
    trap(
        "tabturn",
        "Tab: the focus has a peer connection speak TURN over TCP",
        f"{HEAD}<body><main><h1>Cổng dịch vụ công</h1><p>{TEXT}</p><a href='#x'>Giới thiệu</a></main><script>"
        f"document.addEventListener('focusin',()=>{{const c=new RTCPeerConnection({_TURN % 'turn'});{_CALL}}})</script></body>",
        probe=Probe.HOMEPAGE,
        origin=Origin.LOOPBACK,
    ),
    trap(
        "soundswitch",
        "what pauses a sound that began by itself asks by GET",
        f"{HEAD}<body><main><h1>Cổng dịch vụ công</h1><p>{TEXT}</p><audio autoplay loop src='{_sound()}'></audio>"
        "<button data-bait type=button onclick=\"fetch('@d@/1')\">Tạm dừng</button></main></body>",
        probe=Probe.ACCESSIBILITY,
        careless=("click [data-bait]",),
    ),
)
