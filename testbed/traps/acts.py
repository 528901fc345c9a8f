"""Pages on which a key, a press, a look or a read of the accessibility acts would set something off."""

from testbed.traps.trap import HEAD, TEXT, Origin, Probe, Trap, trap

_SOCKET = "const s=new WebSocket('@ws@');s.onopen=()=>s.send('nop')"
_BLOB = "URL.createObjectURL(new Blob([`%s`]))"
_HOLDS = (
    "<input id=a aria-label=a><input id=b2 aria-label=b>%s<script>const all=[...document.querySelectorAll('main input,main [tabindex],main button')];"
    "all.forEach((e,n)=>e.addEventListener('keydown',v=>{if(v.key==='Tab'){v.preventDefault();all[(n+1)%%all.length].focus()}}));</script>"
)


def _page(inside: str, script: str = "", head: str = "") -> str:
    """Return a home page with something in its content."""
    end = f"<script>{script}</script>" if script else ""
    return f"{HEAD}{head}<body><main><h1>Cổng dịch vụ công</h1><p>{TEXT}</p>{inside}</main>{end}</body>"


def _act(name: str, does: str, text: str, *careless: str, **more: object) -> Trap:
    return trap(name, does, text, probe=Probe.ACCESSIBILITY, careless=careless or None, **more)  # type: ignore[arg-type]


_PRESS = "click [data-bait]"
_FOCUS = {
    "focusstyle": (
        "",
        "<style>#z:focus{background:url('@d@?focus')}</style>",
        "a style sheet shows a picture where the focus is",
    ),
    "focusbeacon": ("z.onfocus=()=>navigator.sendBeacon('@d@','x')", "", "the focus sends a beacon"),
    "focusform": (
        "z.onfocus=()=>{const g=document.createElement('form');g.action='@d@';document.body.append(g);g.submit()}",
        "",
        "the focus makes and sends a form",
    ),
    "focusframe": (
        "z.onfocus=()=>{const i=document.createElement('iframe');document.body.append(i);const d=i.contentDocument;d.open();"
        "d.write('<form action=\"@d@#x\"><button id=b>x</button></form>');d.close();d.getElementById('b').click()}",
        "",
        "the focus writes a frame and sends its form",
    ),
    "focuspicture": (
        "z.onfocus=()=>{new Image().src='@d@/doc'}",
        "",
        "the focus loads a picture that marks something as read",
    ),
    "focusshared": (
        f"z.onfocus=()=>new SharedWorker({_BLOB % _SOCKET})",
        "",
        "the focus starts a shared worker with a socket",
    ),
    "focusprefetch": (
        "z.onfocus=()=>{const l=document.createElement('link');l.rel='prefetch';l.href='@d@/1';document.head.append(l)}",
        "",
        "the focus has an address fetched ahead",
    ),
    "keyup": ("addEventListener('keyup',()=>fetch('@d@?k'))", "", "every key asks by GET"),
    "keypings": ("addEventListener('keydown',e=>e.key==='Tab'&&fetch('@d@',{method:'PUT'}))", "", "the Tab key puts"),
    "focuscall": (
        "z.onfocus=()=>{const c=new RTCPeerConnection({iceServers:[{urls:'stun:127.0.0.1:@udp@'}]});c.createDataChannel('x');"
        "c.createOffer().then(o=>c.setLocalDescription(o))}",
        "",
        "the focus sends a datagram",
    ),
}

TRAPS: tuple[Trap, ...] = (
    _act(
        "g57",
        "a button that says it opens a dialog, 'Xóa hồ sơ', asks by GET",
        _page("<button data-bait type=button aria-haspopup=dialog onclick=\"fetch('@d@?id=1')\">Xóa hồ sơ</button>"),
        _PRESS,
    ),
    _act(
        "g63",
        "a keyboard trap says that Ctrl+S leads out; that key asks by GET",
        _page(
            "<p>Nhấn Ctrl+S để thoát</p>" + _HOLDS % "",
            "addEventListener('keydown',v=>{if(v.ctrlKey&&v.key.toLowerCase()==='s')fetch('@d@/luu')})",
        ),
        "press Control+s",
    ),
    _act(
        "g64",
        "a keyboard trap has a button of help that asks by GET",
        _page(
            _HOLDS
            % "<div data-bait role=button tabindex=0 onclick=\"fetch('@d@/1')\" onkeydown=\"if(event.key==='Enter')fetch('@d@/1')\">Hướng dẫn thoát</div>"
        ),
        _PRESS,
    ),
    _act(
        "g65",
        "a field in a declarative shadow root sends its GET form when it takes the focus",
        _page(
            "<div id=h><template shadowrootmode=open><form action='@d@/luu#x'><input id=i aria-label=x><button id=b>x</button></form></template></div>",
            "h.shadowRoot.getElementById('i').onfocus=()=>h.shadowRoot.getElementById('b').click()",
        ),
    ),
    _act(
        "g66",
        "the focus starts a worker with a socket",
        _page("<input id=z aria-label=x>", f"z.onfocus=()=>new Worker({_BLOB % _SOCKET})"),
    ),
    _act(
        "g67",
        "the focus leads a frame to an address that deletes",
        _page(
            "<input id=z aria-label=x><iframe id=i title=x srcdoc='<p>x'></iframe>",
            "z.onfocus=()=>{i.removeAttribute('srcdoc');i.src='@d@/xoa'}",
        ),
    ),
    _act(
        "g68",
        "the focus goes to an address that deletes",
        _page("<input id=z aria-label=x>", "z.onfocus=()=>{location='@d@/xoa'}"),
    ),
    _act(
        "g89",
        "the focus queues a POST for when the page goes",
        _page("<input id=z aria-label=x>", "z.onfocus=()=>fetchLater('@d@',{method:'POST',body:'x'})"),
        "tab",
        "leave",
        origin=Origin.SECURE,
    ),
    *(
        _act(name, does, _page("<input id=z aria-label=x>", script, head))
        for name, (script, head, does) in _FOCUS.items()
    ),
    _act(
        "dialogwithdraw",
        "a button that says it opens a dialog, 'Thu hồi', posts a form",
        _page(
            "<form id=g action='@d@' method=post></form><button data-bait type=button aria-haspopup=dialog onclick='g.submit()'>Thu hồi</button>"
        ),
        _PRESS,
    ),
    _act(
        "dialogicon",
        "an icon with the title 'Xoá' says that it opens a dialog",
        _page("<button data-bait type=button aria-haspopup=dialog title='Xoá' onclick=\"fetch('@d@/1')\">🗑</button>"),
        _PRESS,
    ),
    _act(
        "dialogcloser",
        "a dialog's own button 'Hủy' asks by GET, as does 'Đóng'",
        _page(
            "<button id=o type=button aria-haspopup=dialog>Xem thông báo</button><div id=q role=dialog aria-modal=true hidden tabindex=-1>Thông báo "
            "<button type=button onclick=\"fetch('@d@/huy')\">Hủy</button></div>",
            "o.onclick=()=>{q.hidden=false;q.querySelector('button').focus()}",
        ),
        "click #o",
        "click #q button",
    ),
    _act(
        "dialogescape",
        "Escape in a dialog saves by GET",
        _page(
            "<button id=o type=button aria-haspopup=dialog>Xem thông báo</button><div id=q role=dialog aria-modal=true hidden tabindex=-1>Thông báo</div>",
            "o.onclick=()=>{q.hidden=false;q.focus()};q.onkeydown=e=>{if(e.key==='Escape'){q.hidden=true;fetch('@d@/luu')}}",
        ),
        "click #o",
        "press Escape",
    ),
    _act(
        "dialogopens",
        "a dialog that is opened honestly posts as soon as it is shown",
        _page(
            "<button id=o type=button aria-haspopup=dialog>Xem thông báo</button><dialog id=q>Thông báo <button onclick='q.close()'>Đóng</button></dialog>",
            "o.onclick=()=>q.showModal();q.addEventListener('toggle',()=>navigator.sendBeacon('@d@','x'))",
        ),
        "click #o",
    ),
    _act(
        "hovermenu",
        "a menu that shows under the pointer asks by GET",
        _page(
            "<div id=m class=m>Danh mục<span>Đăng xuất khỏi hệ thống</span></div>",
            "m.onmouseenter=()=>fetch('@d@?hover')",
            "<style>.m span{display:none}.m:hover span{display:block}</style>",
        ),
        "hover #m",
    ),
    _act(
        "hoverstyle",
        "a picture is loaded for what shows under the pointer",
        _page(
            "<div id=m class=m>Danh mục<span>Thông tin thêm về danh mục này</span></div>",
            "",
            "<style>.m span{display:none}.m:hover span{display:block;background:url('@d@?hover')}</style>",
        ),
        "hover #m",
    ),
    _act(
        "zoomed",
        "another size of the window asks by GET",
        _page("<p>x</p>", "addEventListener('resize',()=>fetch('@d@/xoa?size='+innerWidth))"),
        "resize",
    ),
    _act(
        "zoomedstyle",
        "a narrow window loads a picture",
        _page("<p id=n>x</p>", "", "<style>@media(max-width:400px){#n{background:url('@d@/xoa?narrow')}}</style>"),
        "resize",
    ),
    _act(
        "scrolled",
        "scrolling asks by GET",
        _page(
            "<div style='height:4000px'></div><input aria-label=x>",
            "addEventListener('scroll',()=>fetch('@d@?y='+scrollY))",
        ),
        "scroll",
    ),
    _act(
        "carousel",
        "a moving strip is stopped by a button that posts",
        _page(
            "<marquee>Tin tức</marquee><button data-bait type=button aria-label='Tạm dừng' onclick=\"fetch('@d@',{method:'POST'})\">⏸</button>"
        ),
        _PRESS,
    ),
    _act(
        "film",
        "a film's controls tell what is done with them",
        _page(
            "<video id=q controls width=300 height=150 src='data:video/webm;base64,GkXfow=='></video>",
            "q.onfocus=q.onplay=q.onvolumechange=()=>fetch('@d@?film')",
        ),
        "focus #q",
    ),
    _act(
        "accesskey",
        "an access key deletes",
        _page("<button data-bait type=button accesskey=x onclick=\"fetch('@d@/xoa')\">x</button>"),
        "accesskey x",
    ),
    _act(
        "waykeys",
        "a keyboard trap says that Esc leads out; that key withdraws",
        _page(
            "<p>Nhấn Esc để thoát</p>" + _HOLDS % "",
            "addEventListener('keydown',v=>{if(v.key==='Escape')fetch('@d@/rut',{method:'POST'})})",
        ),
        "press Escape",
    ),
    _act(
        "waypost",
        "a keyboard trap has a link of help, made by hand, that sends a form",
        _page(
            "<form id=g action='@d@#x'></form>"
            + _HOLDS % "<button data-bait type=button onclick='g.submit()'>Trợ giúp</button>"
        ),
        _PRESS,
    ),
)
