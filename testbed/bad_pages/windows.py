"""Pages that ask the visitor, open and close windows, save files, or will not let go."""

from testbed.bad_pages.page import BadPage, Listener, after_load, bad, scripted
from thuocdo.core.model import Reason

_BLOCKING = "const end = Date.now() + 20000; while (Date.now() < end);"

PAGES: tuple[BadPage, ...] = (
    bad(
        "alerts",
        "shows an alert every millisecond",
        after_load("setInterval(() => alert('!'), 1)"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "alerts-before-load",
        "shows alerts without end while it loads",
        scripted("while (true) alert('!')"),
        Reason.TIMEOUT,
    ),
    bad(
        "confirms", "asks for confirmation until it gets it", after_load("while (!confirm('?'));"), Reason.TIMEOUT, None
    ),
    bad("prompts", "asks for a name until it gets one", after_load("while (!prompt('?'));"), Reason.TIMEOUT, None),
    bad(
        "alert-huge",
        "shows alerts of 50 million letters",
        after_load("setInterval(() => alert('x'.repeat(5e7)), 1)"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "beforeunload",
        "asks to stay whenever it is left, and leaves all the time",
        scripted(
            "onbeforeunload = (e) => { e.preventDefault(); return 'stay' };"
            "setInterval(() => { location.href = '/healthy?' + Math.random() }, 100)"
        ),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "unload-blocks",
        "works for 20 s in every event of leaving",
        scripted(
            f"for (const e of ['beforeunload', 'pagehide', 'unload', 'visibilitychange'])"
            f" addEventListener(e, () => {{ {_BLOCKING} }})"
        ),
    ),
    bad(
        "unload-asks",
        "shows alerts and asks its server, blocking, when it is left",
        scripted(
            "for (const e of ['beforeunload', 'pagehide', 'unload']) addEventListener(e, () => { alert('!');"
            " const x = new XMLHttpRequest; x.open('GET', '/never', false); x.send() })"
        ),
    ),
    bad("prints", "prints itself without end", after_load("setInterval(print, 1)"), None, Reason.TIMEOUT),
    bad(
        "popups",
        "opens windows without end",
        after_load("setInterval(() => { const w = open('/healthy'); w && w.open('/healthy') }, 5)"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "popups-by-click",
        "clicks on links and sends forms that open windows, without end",
        scripted(
            "setInterval(() => { document.querySelector('a').click(); document.forms[0].submit() }, 5)",
            body="<a href=/healthy target=_blank rel=noopener>x</a><form action=/healthy target=_blank></form>",
        ),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "closes-itself",
        "closes its own window",
        after_load("window.close(); open('', '_self').close()"),
        None,
        Reason.PAGE_CRASH,
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "stops-itself",
        "stops its own loading",
        scripted("window.stop()", body="<img alt='' src=/never>"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "downloads",
        "saves files without end",
        scripted("setInterval(() => document.querySelector('a').click(), 10)", body="<a href=/download download>x</a>"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "downloads-blob",
        "saves files of 10 MB that it makes itself, without end",
        scripted(
            "const a = document.createElement('a'); a.download = 'x'; setInterval(() => {"
            " a.href = URL.createObjectURL(new Blob(['x'.repeat(1e7)])); a.click() }, 100)"
        ),
        None,
        Reason.TIMEOUT,
        Reason.PAGE_CRASH,
        takes_browser=True,
    ),
    bad(
        "permissions",
        "asks for place, camera, notes, clipboard, sensors and devices",
        scripted(
            "const n = navigator; const ask = [() => n.geolocation.getCurrentPosition(() => 0),"
            " () => n.mediaDevices.getUserMedia({video: true, audio: true}), () => Notification.requestPermission(),"
            " () => n.clipboard.readText(), () => n.clipboard.writeText('x'), () => n.requestMIDIAccess(),"
            " () => n.storage.persist(), () => n.wakeLock.request(), () => n.credentials.get({password: true}),"
            " () => n.bluetooth.requestDevice({acceptAllDevices: true}), () => n.usb.requestDevice({filters: []}),"
            " () => n.share({text: 'x'}), () => n.registerProtocolHandler('web+x', '/%s'), () => showOpenFilePicker()];"
            "for (const one of ask) { try { Promise.resolve(one()).catch(() => 0) } catch {} }"
        ),
        listener=Listener.TLS,
    ),
    bad(
        "fullscreen",
        "wants the whole screen, the pointer and the keyboard",
        scripted(
            "setInterval(() => { for (const one of [() => document.documentElement.requestFullscreen(),"
            " () => document.body.requestPointerLock(), () => navigator.keyboard.lock()])"
            " { try { Promise.resolve(one()).catch(() => 0) } catch {} } }, 20)"
        ),
    ),
    bad(
        "moves-window",
        "moves and resizes its window without end",
        scripted("setInterval(() => { moveTo(Math.random() * 999, 0); resizeTo(99, 99); focus(); blur() }, 5)"),
    ),
)
