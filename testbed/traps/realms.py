"""Forms that are sent from where a page's own listeners do not reach: rewritten documents, shadow roots, frames of every kind."""

from testbed.traps.trap import FIELDS, HEAD, Page, Trap, form, trap

_KEY = "<input name=k value=1>"
_GET = f"<form action='@d@/luu#x'>{_KEY}<button id=b>x</button></form>"
_PLAIN = f"<form action='@d@/luu'>{_KEY}<button id=b>x</button></form>"
_POST = f"<form action='@d@/luu' method=post>{_KEY}<button id=b>x</button></form>"
_CLICKS = "document.getElementById('b').click()"
_INSIDE = "<script>document.getElementById('b').click()</script>"
_XHTML = (
    "<html xmlns='http://www.w3.org/1999/xhtml'><body><form action='@d@/luu#x'><input name='k' value='1'/>"
    "<button id='b'>x</button></form><script>document.getElementById('b').click()</script></body></html>"
)
_XSLT = """<?xml version="1.0"?><xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><html><body><form action="@d@/luu"><input name="k" value="1"/><button id="b">x</button></form>
<script>document.getElementById('b').click()</script></body></html></xsl:template></xsl:stylesheet>"""


def _rewritten(attributes: str) -> str:
    """Return a page that writes itself anew a moment after it has loaded, and presses the new form's button."""
    written = f"<form {attributes}>{FIELDS}<button id=b>x</button></form>"
    script = (
        f"addEventListener('load',()=>setTimeout(()=>{{document.open();document.write(`{written}`);document.close();"
        f"{_CLICKS}}},300))"
    )
    return f"{HEAD}<form>{FIELDS}</form><script>{script}</script>"


def _frame_written(inner: str) -> str:
    """Return an honest form beside an empty frame into which a form is written and pressed."""
    script = f"const d=i.contentDocument;d.open();d.write(`{inner}`);d.close();d.getElementById('b').click()"
    return form(after="<iframe id=i></iframe>", script=script)


def _shadow(inner: str, mode: str = "open") -> str:
    """Return an honest form beside a declarative shadow root whose form is pressed."""
    return form(
        after=f"<div id=h><template shadowrootmode={mode}>{inner}</template></div>",
        script="h.shadowRoot.getElementById('b').click()",
    )


TRAPS: tuple[Trap, ...] = (
    trap("g01", "rewrites itself, so listeners are gone, and presses a GET form", _rewritten("action='@d@/luu'")),
    trap("g02", "the same, with a fragment in the form's address", _rewritten("action='@d@/luu#x'")),
    trap("g03", "the same, by POST", _rewritten("action='@d@/luu' method=post")),
    trap("g04", "presses a GET form in a declarative shadow root", _shadow(_PLAIN)),
    trap("g05", "the same, with a fragment in the form's address", _shadow(_GET)),
    trap(
        "g06",
        "the same, the button's own formaction has the fragment and a GET method over the form's POST",
        _shadow(
            f"<form action='@at@' method=post>{_KEY}<button id=b formmethod=get formaction='@d@/luu#x'>x</button></form>"
        ),
    ),
    trap(
        "g07",
        "the same, the answer goes into a named frame",
        _shadow(f"<form action='@d@/luu#x' target=n>{_KEY}<button id=b>x</button></form>").replace(
            "<div id=h>", "<iframe name=n></iframe><div id=h>"
        ),
    ),
    trap(
        "g07b",
        "the same into a frame that is loaded when somebody looks at it, and that somebody looks at",
        _shadow(f"<form action='@d@/luu#x' target=n>{_KEY}<button id=b>x</button></form>").replace(
            "<div id=h>", "<p style='height:9000px'>Hướng dẫn</p><iframe name=n loading=lazy></iframe><div id=h>"
        ),
    ),
    trap("g08", "presses a POST form in a declarative shadow root", _shadow(_POST)),
    trap(
        "g09",
        "makes a shadow root with setHTMLUnsafe() and presses its GET form",
        form(
            after="<div id=h></div>",
            script=f"h.setHTMLUnsafe(`<p id=q><template shadowrootmode=open>{_GET}</template></p>`);"
            "document.getElementById('q').shadowRoot.getElementById('b').click()",
        ),
    ),
    trap(
        "g10",
        "presses a GET form in a sandboxed frame that may send forms but runs no script",
        form(
            after=f'<iframe id=i sandbox="allow-forms allow-same-origin" srcdoc="{_GET}"></iframe>',
            script="i.onload=()=>i.contentDocument.getElementById('b').click()",
        ),
    ),
    trap(
        "g11",
        "a frame with a data: address presses its GET form",
        form(after=f'<iframe src="data:text/html,{_PLAIN}{_INSIDE}"></iframe>'),
    ),
    trap(
        "g12",
        "a frame with a blob: address rewrites itself and presses its GET form",
        form(
            after="<iframe id=i></iframe>",
            script='i.src=URL.createObjectURL(new Blob([`<script>onload=()=>{document.open();document.write("'
            + _GET.replace("'", "")
            + "\");document.close();document.getElementById('b').click()}<\\/script>`],{type:'text/html'}))",
        ),
    ),
    trap("g13", "writes a frame with document.open and presses its GET form with a fragment", _frame_written(_GET)),
    trap(
        "g14",
        "an XHTML frame, in which no script of ours runs, presses its form",
        form(after="<iframe src='@at@/xhtml'></iframe>"),
        more={"xhtml": Page(text=_XHTML, media_type="application/xhtml+xml")},
    ),
    trap(
        "g34",
        "a dialog's form is pressed by a button that says formmethod=post",
        form(
            after="<dialog open id=q><form method=dialog><button id=b formmethod=post formaction='@d@'>x</button></form></dialog>",
            script=_CLICKS,
        ),
    ),
    trap(
        "g35",
        "a form-associated custom element calls its internals' form.requestSubmit()",
        form(
            after="<form action='@d@' method=post><x-a id=x></x-a></form>",
            script="customElements.define('x-a',class extends HTMLElement{static formAssociated=true;"
            "constructor(){super();this.n=this.attachInternals()}connectedCallback(){setTimeout(()=>this.n.form.requestSubmit())}})",
        ),
    ),
    trap(
        "g36",
        "a button with a custom invoker command makes its target send the form",
        form(
            after="<form id=g action='@d@'></form><p id=t></p><button id=c type=button commandfor=t command=--nop>x</button>",
            script="t.addEventListener('command',()=>g.submit());c.click()",
        ),
    ),
    trap(
        "g39",
        "a frame shows an XSLT document whose form is pressed",
        form(after="<iframe src='@at@/doc'></iframe>"),
        opens=False,  # Chromium never says that such a sheet has come, so the form is waited for in vain
        more={
            "doc": Page(
                text="<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='@at@/sheet'?><a/>",
                media_type="text/xml",
            ),
            "sheet": Page(text=_XSLT, media_type="text/xsl"),
        },
    ),
    trap(
        "g40",
        "an <object> holds a document whose form is sent on load",
        form(after="<object data='@at@/inner' type='text/html'></object>"),
        more={"inner": f"{HEAD}{_POST}<script>document.forms[0].submit()</script>"},
    ),
    trap(
        "g41",
        "a fenced frame holds a document that posts",
        form(
            after="<div id=h></div>",
            script="const c=document.createElement('fencedframe');h.append(c);c.config=new FencedFrameConfig('@at@/inner')",
        ),
        more={
            "inner": Page(
                text=f"{HEAD}<script>fetch('@d@',{{method:'POST'}})</script>",
                headers={"Supports-Loading-Mode": "fenced-frame"},
            )
        },
        unproved="this Chromium makes fenced frames of nothing but an auction's result",
    ),
    trap(
        "g44",
        "adopts its form into a frame without script, submits it and presses a button of it there",
        form(
            attributes="action='@d@/luu#x'",
            after="<iframe id=i sandbox='allow-same-origin allow-forms'></iframe>",
            script="const c=f.cloneNode(true);i.contentDocument.body.append(i.contentDocument.adoptNode(c));"
            "i.contentWindow.HTMLFormElement.prototype.submit.call(c);c.append(document.createElement('button'));c.lastChild.click()",
        ),
    ),
    trap(
        "g84", "writes a frame with document.open and presses its GET form without a fragment", _frame_written(_PLAIN)
    ),
    trap(
        "g85",
        "presses a rewritten GET form whose address holds user:password@",
        _rewritten("action='http://nguoi:matkhau@@host@/t/g85/d/luu#x'"),
    ),
    trap(
        "g86",
        "presses a rewritten GET form whose address holds a tab, a backslash and letters beyond ASCII",
        _rewritten("action='@d@/lư\tu\\\\x#x'"),
    ),
    trap(
        "closedroot",
        "a closed declarative shadow root holds a form whose field sends it by itself",
        form(
            after="<div><template shadowrootmode=closed><form action='@d@#x'><img src=x: onerror='this.parentNode.submit()'>"
            "</form></template></div>"
        ),
    ),
    trap(
        "nestedroot",
        "a shadow root within a shadow root, made by streaming, presses a POST form",
        form(
            after=f"<div id=h><template shadowrootmode=open><p id=q><template shadowrootmode=open>{_POST}</template></p>"
            "</template></div>",
            script="h.shadowRoot.getElementById('q').shadowRoot.getElementById('b').click()",
        ),
    ),
    trap(
        "writtenframes",
        "writes every one of several frames anew and sends all of their forms, by GET and POST in turn",
        form(
            after="<iframe></iframe><iframe></iframe><iframe></iframe>",
            script="Array.from(frames).forEach((w,n)=>{const d=w.document;d.open();d.write(`<form action='@d@/${n}#x' "
            "method=${n%2?'post':'get'}><button id=b>x</button></form>`);d.close();d.getElementById('b').click()})",
        ),
    ),
    trap(
        "svgframe",
        "an SVG document in a frame holds an XHTML form in a foreignObject",
        form(after="<iframe src='@at@/svg'></iframe>"),
        more={
            "svg": Page(
                text="<svg xmlns='http://www.w3.org/2000/svg'><foreignObject width='9' height='9'>"
                "<form xmlns='http://www.w3.org/1999/xhtml' action='@d@#x'><button id='b'>x</button></form></foreignObject>"
                "<script>document.getElementById('b').click()</script></svg>",
                media_type="image/svg+xml",
            )
        },
    ),
    trap(
        "embedded",
        "an <embed> holds a document whose form is sent on load",
        form(after="<embed src='@at@/inner' type='text/html'>"),
        more={"inner": f"{HEAD}{_GET}{_INSIDE}"},
    ),
    trap(
        "wholewindow",
        "a form in a frame answers into the whole window (target=_top)",
        form(after="<iframe src='@at@/inner'></iframe>"),
        more={"inner": f"{HEAD}<form action='@d@#x' target=_top method=post><button id=b>x</button></form>{_INSIDE}"},
    ),
    trap(
        "ownwindow",
        "a form answers into a window of its own (target=_blank, noopener)",
        form(
            after=f"<form action='@d@' target=_blank rel=noopener>{_KEY}<button id=b>x</button></form>", script=_CLICKS
        ),
    ),
    trap(
        "ownedbutton",
        "a button elsewhere on the page, tied by form=, gives the form another address",
        form(
            attributes="onsubmit='return true'",
            after="<button form=f id=b formaction='@d@' formmethod=post formnovalidate>x</button>",
            script=_CLICKS,
        ),
    ),
    trap(
        "picturebutton",
        "an input of type image sends its form with the place where it was pressed",
        form(after="<form action='@d@'><input type=image id=b formaction='@d@/anh' alt=x></form>", script=_CLICKS),
    ),
    trap(
        "pressedlabel",
        "the label of a hidden submit button is pressed",
        form(
            after="<form action='@d@'><label id=l for=b>Xem</label><button id=b hidden>x</button></form>",
            script="l.click()",
        ),
    ),
    trap(
        "popover",
        "a popover that is shown sends a form from its toggle event",
        form(
            after="<form id=g action='@d@' method=post></form><div popover id=p>x</div>",
            script="p.addEventListener('toggle',()=>document.createElement('form').constructor.prototype.submit.call(g));"
            "p.showPopover()",
        ),
    ),
    trap(
        "sandboxleads",
        "a sandboxed frame leads the whole window to an address that deletes",
        form(after="<iframe sandbox='allow-scripts allow-top-navigation' src='@at@/inner'></iframe>"),
        more={"inner": f"{HEAD}<script>top.location='@d@/xoa?id=1'</script>"},
    ),
    trap(
        "sandboxedpage",
        "the whole page is sandboxed to an origin of its own by a header, and posts a form",
        form(after=_POST, script=_CLICKS),
        headers={"Content-Security-Policy": "sandbox allow-scripts allow-forms"},
    ),
    trap(
        "toldframe",
        "a frame of another site is told by postMessage to send its form",
        form(
            after="<iframe id=i src='@other@/inner'></iframe>",
            script="i.onload=()=>i.contentWindow.postMessage('nop','*')",
        ),
        more={"inner": f"{HEAD}{_POST}<script>onmessage=()=>document.forms[0].submit()</script>"},
    ),
    trap(
        "javascriptframe",
        "a frame whose address is javascript: makes and sends a form",
        form(after=f'<iframe src="javascript:`{_POST}<script>document.forms[0].submit()</script>`"></iframe>'),
    ),
)
