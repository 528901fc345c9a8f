"""Ways out of the browser that are no form: sockets, workers, beacons, reports, datagrams, what is fetched ahead or later."""

from testbed.traps.trap import HEAD, Origin, Page, Probe, Trap, form, trap

_POSTS = "fetch('@d@',{method:'POST',mode:'no-cors',body:'nop=1'})"
_STUN = "{iceServers:[{urls:'stun:127.0.0.1:@udp@'}]}"
_CALL = "c.createDataChannel('x');c.createOffer().then(o=>c.setLocalDescription(o))"


TRAPS: tuple[Trap, ...] = (
    trap("g18", "a socket's handshake carries the data in its address", form(script="new WebSocket('@ws@?nop=1')")),
    trap(
        "g19",
        "a WebSocketStream writes",
        form(script="new WebSocketStream('@ws@').opened.then(o=>o.writable.getWriter().write('nop=1'))"),
    ),
    trap(
        "g20",
        "fetchLater() posts when the page goes",
        form(script="fetchLater('@d@',{method:'POST',body:'x'})"),
        origin=Origin.SECURE,
        careless=("leave",),
    ),
    trap(
        "g21",
        "fetchLater() posts at once",
        form(script="fetchLater('@d@',{method:'POST',body:'x',activateAfter:0})"),
        origin=Origin.SECURE,
    ),
    trap(
        "g22",
        "webkitRTCPeerConnection sends datagrams to a STUN server of the page's",
        form(script=f"const c=new webkitRTCPeerConnection({_STUN});{_CALL}"),
    ),
    trap(
        "g23",
        "a policy is broken on purpose, and the browser reports it to the page's endpoint",
        form(after="<img src='@at@/x.png'>"),
        headers={"Reporting-Endpoints": 'a="@d@"', "Content-Security-Policy": "img-src 'none'; report-to a"},
        origin=Origin.SECURE,
    ),
    trap(
        "g24",
        "speculation rules have a page prerendered that posts",
        form(
            head='<script type=speculationrules>{"prerender":[{"source":"list","urls":["@at@/pre"],"eagerness":"immediate"}]}</script>'
        ),
        more={"pre": f"{HEAD}<script>{_POSTS}</script>"},
        origin=Origin.SECURE,
        unproved="a headless shell prerenders nothing",
    ),
    trap(
        "g25",
        "speculation rules have an address fetched ahead that deletes",
        form(
            head='<script type=speculationrules>{"prefetch":[{"source":"list","urls":["@d@/xoa?id=1"],"eagerness":"immediate"}]}</script>'
        ),
        origin=Origin.SECURE,
    ),
    trap(
        "g26",
        "takes the pristine sendBeacon of a frame that it made",
        form(
            script="const i=document.createElement('iframe');document.body.append(i);i.contentWindow.navigator.sendBeacon('@d@','x')"
        ),
    ),
    trap("g27", "asks by a method of its own", form(script="fetch('http://127.0.0.1:@tcp@/nop',{method:'NOP'})")),
    trap(
        "g28",
        "a GET says in a header that it is a POST",
        form(script="fetch('@d@',{headers:{'X-HTTP-Method-Override':'POST'}})"),
    ),
    trap(
        "g32",
        "a link with ping= is pressed by script",
        form(after="<a id=b ping='@d@' href='#x'>x</a>", script="b.click()"),
    ),
    trap(
        "g33",
        "a frame that is taken out puts with keepalive as it goes",
        form(
            after="<iframe id=i srcdoc=\"<script>addEventListener('pagehide',()=>fetch('@d@',{method:'PUT',keepalive:true,body:'x'}))</script>\"></iframe>",
            script="i.onload=()=>setTimeout(()=>i.remove(),100)",
        ),
    ),
    trap(
        "g37",
        "the Navigation API leads to an address that deletes, with the form's data",
        form(
            script="addEventListener('load',()=>navigation.navigate('@d@/xoa?'+new URLSearchParams(new FormData(f))))"
        ),
    ),
    trap(
        "g42",
        "a meta refresh leads to an answer that redirects with its method kept, to an address that deletes",
        form(head="<meta http-equiv=refresh content='0;url=@at@/by'>"),
        more={"by": Page(text="", status=307, headers={"Location": "@d@/xoa?by=redirect"})},
    ),
    trap(
        "g43",
        "takes the pristine submit() of a window that it opened",
        form(
            attributes="action='@d@'", script="const w=open('about:blank');w.HTMLFormElement.prototype.submit.call(f)"
        ),
    ),
    trap(
        "g82",
        "fetchLater() posts when the page goes, under loopback's address",
        form(script="fetchLater('@d@',{method:'POST',body:'x'})"),
        origin=Origin.LOOPBACK,
        careless=("leave",),
    ),
    trap(
        "g83",
        "fetchLater() posts at once, under loopback's address",
        form(script="fetchLater('@d@',{method:'POST',body:'x',activateAfter:0})"),
        origin=Origin.LOOPBACK,
    ),
    trap(
        "turn",
        "a peer connection speaks TURN over TCP to a server of the page's",
        form(
            script="const c=new RTCPeerConnection({iceTransportPolicy:'relay',iceServers:[{urls:'turn:127.0.0.1:@tcp@?transport=tcp',"
            f"username:'x',credential:'x'}}]}});{_CALL}"
        ),
    ),
    trap(
        "framecall",
        "takes the peer connection of a frame's realm, which sends datagrams",
        form(after="<iframe id=i></iframe>", script=f"const c=new i.contentWindow.RTCPeerConnection({_STUN});{_CALL}"),
    ),
    trap(
        "transport",
        "WebTransport sends datagrams",
        form(script="new WebTransport('https://127.0.0.1:@udp@/x')"),
        origin=Origin.SECURE,
    ),
    trap(
        "reporturi",
        "a policy is broken on purpose, and report-uri gets a POST at once",
        form(after="<img src='@other@/x.png'>"),
        headers={"Content-Security-Policy": "img-src 'none'; report-uri @d@"},
    ),
    trap(
        "defaultreports",
        "the default reporting endpoint hears of an intervention that the page brings about",
        form(
            after="<iframe src='@at@/x' allow=\"camera 'none'\"></iframe>",
            script="navigator.mediaDevices.getUserMedia({video:true}).catch(()=>0);new XMLHttpRequest().open('GET','@at@',false);"
            "document.write('')",
        ),
        headers={
            "Reporting-Endpoints": 'default="@d@"',
            "Permissions-Policy": "camera=()",
            "Document-Policy-Report-Only": "document-write=?0;report-to=default",
        },
        origin=Origin.SECURE,
    ),
    trap(
        "errorlogging",
        "network error logging reports that the page was loaded",
        form(after="<img src='@at@/x.png'>"),
        headers={
            "NEL": '{"report_to":"n","max_age":600,"success_fraction":1.0}',
            "Report-To": '{"group":"n","max_age":600,"endpoints":[{"url":"@d@"}]}',
        },
        origin=Origin.SECURE,
    ),
    trap(
        "filebeacon",
        "a beacon carries a file",
        form(script="navigator.sendBeacon('@d@',new Blob(['nop'],{type:'text/plain'}))"),
    ),
    trap(
        "detachedbeacon",
        "the sendBeacon of a frame that was taken out still goes",
        form(
            after="<iframe id=i></iframe>",
            script="const n=i.contentWindow.navigator,s=n.sendBeacon.bind(n);s('@d@','x');i.remove();s('@d@','y')",
        ),
    ),
    trap(
        "largepost",
        "a fetch uploads a stream",
        form(script="fetch('@d@',{method:'POST',body:'x'.repeat(70000),priority:'high'})"),
    ),
    trap("deletes", "asks to DELETE", form(script="fetch('@d@/1',{method:'DELETE'})")),
    trap(
        "methodquery",
        "the query of a GET says that it is a DELETE",
        form(script="new Image().src='@d@?_method=DELETE&id=1'"),
    ),
    trap(
        "redirectedpicture",
        "a picture's address redirects to one that deletes",
        form(after="<img src='@at@/anh'>"),
        more={"anh": Page(text="", status=302, headers={"Location": "@d@/xoa-ho-so/1"})},
    ),
    trap(
        "refreshheader",
        "a Refresh header leads to an address that withdraws",
        form(),
        headers={"Refresh": "1; url=@d@/rut-ho-so/1"},
    ),
    trap(
        "download",
        "a link with download is pressed by script; its address deletes what was fetched",
        form(after="<a id=b download href='@d@/xoa?tep=1'>x</a>", script="b.click()"),
    ),
    trap(
        "noopener",
        "opens a window without opener at an address that logs out",
        form(script="open('@d@/dang-xuat','_blank','noopener')"),
    ),
    trap(
        "fetchedahead",
        "has addresses that cancel fetched ahead by links",
        form(
            head="<link rel=prefetch href='@d@/huy?id=1'><link rel=preload as=image href='@d@/huy?id=2'><link rel=modulepreload href='@d@/huy?id=3'>"
        ),
    ),
    trap(
        "draftredirect",
        "a post that the journey allows is redirected with its method to another address",
        form(script="fetch('@at@/nhap',{method:'POST',body:'x'}).catch(()=>0)"),
        probe=Probe.DRAFT,
        more={"nhap": Page(text="", status=307, headers={"Location": "@d@/luu"})},
        may_post=("nhap",),
    ),
    trap(
        "draftaway",
        "the same, to another site",
        form(script="fetch('@at@/nhap',{method:'POST',body:'x',mode:'no-cors'}).catch(()=>0)"),
        probe=Probe.DRAFT,
        more={"nhap": Page(text="", status=308, headers={"Location": "@other@/d/luu"})},
        may_post=("nhap",),
    ),
    trap(
        "draftdelete",
        "the path that may be posted to is asked with DELETE",
        form(script="fetch('@at@/nhap/../d/nhap',{method:'DELETE'})"),
        probe=Probe.DRAFT,
        may_post=("nhap",),
    ),
)
