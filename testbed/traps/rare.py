"""Ways out that few know: reports of every policy, pings, locks, and frames that refresh themselves."""

from testbed.traps.trap import HEAD, Origin, Page, Trap, form, trap

_KEY = "<input name=k value=1>"
_REPORTS = {"Reporting-Endpoints": 'a="@d@"'}

TRAPS: tuple[Trap, ...] = (
    trap(
        "embedderreport",
        "an embedder policy is broken on purpose, and the browser reports it",
        form(after="<iframe src='@other@/inner'></iframe><img src='@other@/x.png'>"),
        headers=_REPORTS | {"Cross-Origin-Embedder-Policy-Report-Only": 'require-corp; report-to="a"'},
        more={"inner": "x"},
        origin=Origin.SECURE,
    ),
    trap(
        "connectreport",
        "a policy that only reports tells of every connection",
        form(script="fetch('@at@/danh-muc').then(r=>r.text())"),
        headers=_REPORTS | {"Content-Security-Policy-Report-Only": "connect-src 'none'; report-to a"},
        more={"danh-muc": "[]"},
        origin=Origin.SECURE,
    ),
    trap(
        "integrityreport",
        "a policy about scripts without a hash is broken on purpose, and the browser reports it",
        form(after="<script src='@at@/s.js'></script>"),
        headers=_REPORTS | {"Integrity-Policy-Report-Only": "blocked-destinations=(script), endpoints=(a)"},
        more={"s.js": Page(text="0", media_type="text/javascript")},
        origin=Origin.SECURE,
    ),
    trap(
        "areaping",
        "an area of a picture's map has ping=, and is pressed by script",
        form(after="<map name=m><area id=b shape=default href='#x' ping='@d@'></map>", script="b.click()"),
    ),
    trap(
        "svgping",
        "a form is sent by a button within an SVG picture's foreign object",
        form(
            after=f"<svg><foreignObject width=9 height=9><form action='@d@#x'>{_KEY}<button id=b>x</button></form></foreignObject></svg>",
            script="b.click()",
        ),
    ),
    trap(
        "framerefresh",
        "a frame refreshes itself to an address that withdraws",
        form(after="<iframe srcdoc=\"<meta http-equiv=refresh content='0;url=@d@/rut-ho-so/1'>\"></iframe>"),
    ),
    trap(
        "frameredirect",
        "a frame's document redirects to an address that logs out",
        form(after="<iframe src='@at@/khung'></iframe>"),
        more={"khung": Page(text="", status=303, headers={"Location": "@d@/dang-xuat"})},
    ),
    trap(
        "sheetredirect",
        "a style sheet imports one that redirects to an address that deletes",
        form(head="<style>@import '@at@/sheet'</style>"),
        more={"sheet": Page(text="", status=307, headers={"Location": "@d@/xoa"})},
    ),
    trap(
        "postredirect",
        "a GET form that an honest page sends by itself is redirected",
        form(after=f"<form id=g action='@at@/qua'>{_KEY}</form>", script="g.submit()"),
        more={"qua": Page(text="", status=302, headers={"Location": "@d@/luu"})},
    ),
    trap(
        "resetsends",
        "the form is reset by script, and its handler of that sends it",
        form(attributes="action='@d@#x'", script="f.addEventListener('reset',()=>f.submit());f.reset()"),
    ),
    trap(
        "detailsends",
        "a part that unfolds by itself sends a form",
        form(
            after="<form id=g action='@d@' method=post></form><details id=t open>x</details>",
            script="t.ontoggle=()=>g.requestSubmit()",
        ),
    ),
    trap(
        "locked",
        "a frame waits for a lock that the page gives free, and posts then",
        form(
            after="<iframe src='@at@/inner'></iframe>",
            script="navigator.locks.request('x',()=>new Promise(r=>setTimeout(r,300)))",
        ),
        more={"inner": f"{HEAD}<script>navigator.locks.request('x',()=>fetch('@d@',{{method:'POST'}}))</script>"},
        origin=Origin.SECURE,
    ),
    trap(
        "cookiewatch",
        "a watcher of cookies posts what a script has put there",
        form(script="cookieStore.onchange=()=>fetch('@d@',{method:'PATCH'});document.cookie='a=1'"),
        origin=Origin.SECURE,
    ),
    trap(
        "storagewatch",
        "a frame hears of what the page stores, and sends it by GET form",
        form(after="<iframe id=i src='@at@/inner'></iframe>", script="i.onload=()=>{localStorage.o='nop'}"),
        more={
            "inner": f"{HEAD}<form action='@d@#x'>{_KEY}</form><script>onstorage=()=>document.forms[0].submit()</script>"
        },
    ),
    trap(
        "transition",
        "a form is sent once a view transition is done",
        form(
            attributes="action='@d@#x'", script="document.startViewTransition(()=>0).finished.finally(()=>f.submit())"
        ),
    ),
    trap(
        "scheduled",
        "a task of low priority posts a while later",
        form(script="scheduler.postTask(()=>fetch('@d@',{method:'POST'}),{priority:'background',delay:600})"),
    ),
    trap(
        "thrown",
        "the handler of an error that nobody caught posts",
        form(script="onerror=()=>{navigator.sendBeacon('@d@','x')};setTimeout(()=>{throw 1},200)"),
    ),
)
