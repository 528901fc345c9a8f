// The list of what is never pressed, followed or fetched, in a page: a function of the table's JSON (forbidden_acts.py, `script`).
// words, address and leading read as the functions of that module do, step by step; whoever changes one changes the other.
((json) => {
  "use strict";
  // Most frames are never asked: the table is read when one is, by what the browser brought along and not the page.
  const { parse } = JSON, Sets = Set, entries = Object.entries;
  let table, most, least, order, joined;
  let destroying, beside, between, fillers, keys, lookedUp, afterwards, statics, kept, scripts, doubtful, onlyMarked, documents, untrue;
  function open() {
    if (table) return;
    table = parse(json);
    ({ most, least, order } = table);
    joined = entries(table.joined);
    [destroying, beside, between, fillers, keys, lookedUp, afterwards, statics, kept, scripts, doubtful, onlyMarked, documents, untrue] =
      ["destroying", "beside", "between", "fillers", "keys", "looked_up", "afterwards", "static", "files", "scripts", "doubtful", "only_marked", "documents", "untrue"].map((name) => new Sets(table[name]));
  }
  const has = (object, key) => Object.prototype.hasOwnProperty.call(object, key);
  const weightier = (one, other) => (!one || !other ? one || other : order[other] < order[one] ? other : one);
  const destroys = (meaning) => (destroying.has(meaning) ? meaning : "");

  // ── Words
  const SPACES = /[^\S\uFEFF]+/gu; // what cannot be seen parts no words
  const plain = (text) => String(text).replace(SPACES, " ").trim();
  const TONES = "\u0300\u0301\u0303\u0309\u0323", SHAPES = "\u0302\u0306\u031b";
  function read(text) {
    const words = [];
    let bare = "", marked = "", tones = [];
    for (const raw of `${text.normalize("NFKD").toLowerCase()} `) {
      const letter = has(table.lookalikes, raw) ? table.lookalikes[raw] : raw;
      if (TONES.includes(letter)) tones.push(letter);
      else if (SHAPES.includes(letter)) marked += letter;
      else if ("đðɖ".includes(letter)) { bare += "d"; marked += "đ"; }
      else if ("\u115f\u1160".includes(letter)) continue; // they fill a place and show nothing
      else if (/[\p{L}\p{N}]/u.test(letter)) { bare += letter; marked += letter; }
      else if (!/[\p{Mn}\p{Cf}]/u.test(letter)) {
        if (bare) words.push({ bare, marked: marked + tones.sort().join("") });
        bare = marked = ""; tones = [];
      }
    }
    return words;
  }
  const isBare = (word) => word.bare === word.marked;

  // [where the longest phrase ends that stands there, its meaning], 0 = none.
  function longest(words, at, phrases, { allBare = true, byLetters = false } = {}) {
    if (!has(phrases, words[at].bare)) return [0, ""];
    for (const [said, meaning, first] of phrases[words[at].bare]) {
      const end = at + said.length;
      if (end > words.length || (first && at >= most.first)) continue;
      const inDoubt = said.length === 1 && (onlyMarked.has(said[0][1]) || (doubtful.has(said[0][1]) && at > 0 && !allBare));
      const same = ([bare, marked], word) => marked === word.marked || (isBare(word) ? !inDoubt : bare === marked && bare.length >= least.unmarked);
      if (said.every((one, index) => one[0] === words[at + index].bare && (byLetters || same(one, words[at + index])))) return [end, meaning];
    }
    return [0, ""];
  }
  function procedure(words, at, allBare) {
    for (let steps = 0; steps < most.verbs && at < words.length; steps += 1) {
      const [named] = longest(words, at, table.procedures, { allBare });
      if (named) return named;
      const [verb] = longest(words, at, table.labels, { allBare });
      if (!verb && !between.has(words[at].bare)) return 0;
      at = verb || at + 1;
    }
    return 0;
  }
  function actsOfLabel(words, strict) {
    const allBare = words.every(isBare);
    let found = "", at = 0;
    while (at < words.length) {
      const [end, meaning] = longest(words, at, table.labels, { allBare });
      const [innocent] = longest(words, at, table.innocent, { allBare });
      if (innocent && innocent >= end) at = innocent;
      else if (end) {
        const named = strict ? 0 : procedure(words, end, allBare);
        if (!named) found = weightier(found, meaning);
        at = named || end;
      } else at += 1;
    }
    return found;
  }
  const isAlone = (word) => [...word.bare].length === 1;
  const toned = (marked) => [...[...marked].filter((one) => !TONES.includes(one)), ...[...marked].filter((one) => TONES.includes(one)).sort()].join("");
  // Each letter that stands alone is joined to the word behind it.
  function drawnTogether(words) {
    const made = [];
    let alone = null;
    for (let word of words) {
      if (alone) word = { bare: alone.bare + word.bare, marked: toned(alone.marked + word.marked) };
      alone = !alone && isAlone(word) && !/\p{Nd}/u.test(word.bare) ? word : null;
      if (!alone) made.push(word);
    }
    return alone ? [...made, alone] : made;
  }
  function spacedOut(words) {
    if (words.length > 1 && words.length <= most.words) {
      const together = words.map((word) => word.bare).join("");
      if (has(table.joined, together) && (words.every(isBare) || words.some(isAlone))) return table.joined[together];
    }
    let run = "";
    for (const { bare } of [...words, { bare: "" }]) {
      if ([...bare].length === 1) { run += bare; continue; }
      let found = [...run].length >= least.joined ? joined.find(([act]) => run.includes(act))?.[1] ?? "" : "";
      if (!found && [...bare].length >= least.run && has(table.joined, bare)) found = table.joined[bare];
      if (found) return found;
      run = "";
    }
    return "";
  }
  function judged(text, strict) {
    const label = plain(text);
    if (label.length > most.label) return "unreadable";
    for (const [sign, meaning] of Object.entries(table.signs)) if (label.includes(sign)) return meaning;
    const words = read(label);
    let found = weightier(spacedOut(words), actsOfLabel(words, strict));
    if (words.some(isAlone)) found = weightier(found, destroys(actsOfLabel(drawnTogether(words), strict)));
    // From here on letters are drawn from the right to the left.
    return String(text).includes("\u202e") ? weightier(found, actsOfLabel(read(turned(label)), strict)) : found;
  }
  const turned = (text) => [...text.normalize("NFC")].reverse().join("");
  const isDigit = (word) => /^\p{Nd}/u.test(word.bare);
  function leading(text, link) {
    const words = read(plain(text).slice(0, most.label)).filter((word) => !isDigit(word));
    for (let at = 0; at < Math.min(words.length, most.first); at += 1) {
      const [end] = longest(words, at, link ? table.leading_links : table.leading);
      if (end && [...words.slice(0, at), ...words.slice(end)].every((word) => beside.has(word.bare))) return true;
    }
    return false;
  }

  // ── Addresses and programmers' names
  const bytesOf = new TextDecoder();
  const unquoted = (text) => text.replace(/(?:%[0-9a-f]{2})+/giu, (run) => bytesOf.decode(Uint8Array.from(run.slice(1).split("%"), (code) => parseInt(code, 16))));
  const decoded = (text) => {
    let plain = text;
    for (let times = 0; times < most.decoded; times += 1) {
      const next = unquoted(plain.replace(/%u([0-9a-f]{4})/giu, (_, code) => String.fromCharCode(parseInt(code, 16))));
      if (next === plain) break;
      plain = next;
    }
    return plain;
  };
  const named = (part) => read(part.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_/g, " "));
  const MADE = /_|[a-z][A-Z]/, OPAQUE = /^(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9+/=_.~-]{33,}$/;
  const digits = (text) => [...text].filter((letter) => /\d/.test(letter)).length;
  // Made up by a programmer, so an act may stand in it among anything; what chance has made tells nothing.
  const isMade = (text) => MADE.test(text) && !(OPAQUE.test(text) && digits(text) * most.digits >= text.length);
  const together = new Map();
  function actsInOne(word) {
    if (!together.has(word) && together.size < 10_000) together.set(word, takenApart(word));
    return together.get(word) ?? takenApart(word);
  }
  function takenApart(word) {
    const letters = [...word];
    if (letters.length <= least.joined || letters.length > most.joined) return "";
    const reached = new Map([[0, ""]]);
    let at = 0;
    for (const letter of letters) {
      const soFar = reached.get(at);
      if (soFar !== undefined) {
        for (const [piece, meaning] of has(table.pieces, letter) ? table.pieces[letter] : []) {
          if (word.startsWith(piece, at)) reached.set(at + piece.length, weightier(reached.get(at + piece.length) || soFar, meaning || soFar));
        }
        if (/\p{Nd}/u.test(letter)) reached.set(at + letter.length, reached.get(at + letter.length) || soFar);
      }
      at += letter.length;
    }
    return reached.get(word.length) ?? "";
  }
  function actsOfName(words, loose) {
    if (!loose && words.length > most.words) return "";
    let found = "", at = 0;
    while (at < words.length) {
      const [end, meaning] = longest(words, at, table.addresses, { byLetters: true });
      const [innocent] = longest(words, at, table.innocent, { byLetters: true });
      const inOne = end || innocent ? "" : actsInOne(words[at].bare);
      if (innocent && innocent >= end) {
        if (!loose) return "";
        at = innocent;
      } else if (end) {
        found = weightier(found, meaning);
        at = end;
      } else if (inOne) {
        found = weightier(found, inOne);
        at += 1;
      } else if (loose || fillers.has(words[at].bare) || /\p{Nd}/u.test(words[at].bare)) at += 1;
      else return "";
    }
    return found;
  }
  // A short name that begins with what is never but an act.
  function actsOutright(words) {
    if (!words.length || words.length > most.outright) return "";
    const [begins] = longest(words, 0, table.outright, { byLetters: true }), [innocent] = longest(words, 0, table.innocent, { byLetters: true });
    return begins > innocent && !procedure(words, begins, true) ? longest(words, 0, table.addresses, { byLetters: true })[1] : "";
  }
  function actsOfPiece(piece, byProgram, inSection) {
    const words = named(piece), loose = byProgram || isMade(piece);
    if (inSection && !loose && words.length >= 3) return ""; // the name of what is told there
    return actsOfName(words, loose) || actsOutright(words);
  }
  function actsOfPath(path) {
    const parts = decoded(path).split(/[/\\]/).filter((part) => /[^;]/.test(part));
    let found = "", inSection = false;
    for (const [at, whole] of parts.entries()) {
      const semicolon = whole.indexOf(";"), beside = semicolon < 0 ? "" : whole.slice(semicolon + 1);
      let part = semicolon < 0 ? whole : whole.slice(0, semicolon);
      const ending = /\.([A-Za-z0-9]{1,11})$/.exec(part), kind = ending ? ending[1].toLowerCase() : "", isLast = at === parts.length - 1;
      const isFile = isLast && kept.has(kind);
      found = weightier(found, actsOfQuery(beside));
      if (isFile) found = weightier(found, "download");
      if (isFile || (isLast && statics.has(kind))) {
        found = destroys(found) || (isFile ? "download" : "");
        continue;
      }
      if (ending && scripts.has(kind)) part = part.slice(0, ending.index);
      else if (kind) found = weightier(found, destroys(actsOfName(named(kind), false)));
      const byProgram = scripts.has(kind) && !documents.has(kind);
      for (const piece of part.split(/[:!|~$@]/)) if (piece) found = weightier(found, actsOfPiece(piece, byProgram, inSection));
      const words = named(part);
      inSection = words.length > 0 && longest(words, 0, table.sections, { byLetters: true })[0] === words.length;
    }
    return found;
  }
  const isMethodKey = (bare) => ["method", "method override", "http verb"].some((end) => bare.endsWith(end));
  const asks = (key) => key.length > 0 && (keys.has(key.map((word) => word.bare).join(" ")) || keys.has(key.at(-1).bare));
  const PAIR = /["']?([A-Za-z_][\w-]{0,40})["']? ?[:=] ?["']?([^"'&;,{}[\]:=]{1,100})/g;
  function actsOfValue(key, value) {
    const bare = key.map((word) => word.bare).join(" "), override = value.toLowerCase();
    if (isMethodKey(bare) && has(table.overrides, override)) return table.overrides[override];
    const said = named(value);
    if (asks(key)) return actsOfName(said, said.length <= most.words) || spacedOut(said);
    let found = "";
    for (const [, inner, what] of value.matchAll(PAIR)) {
      const isAsked = asks(named(inner)), acts = actsOfName(named(what), isAsked);
      found = weightier(found, isAsked ? acts : destroys(acts));
    }
    if (/^(?:https?:|\/\/)/.test(value)) return found;
    if (/^[\w.~-]*(?:\/[\w.~-]*)+$/.test(value)) {
      const goesOn = afterwards.has(bare) || (key.length > 0 && afterwards.has(key.at(-1).bare));
      return goesOn ? found : weightier(found, destroys(actsOfPath(value)));
    }
    const loose = isMade(value);
    return loose || !lookedUp.has(bare) ? weightier(found, destroys(actsOfName(said, loose) || actsOutright(said))) : found;
  }
  function actsOfQuery(query) {
    let found = "";
    for (const raw of query.split(/[&;]/)) {
      const pair = raw.replaceAll("+", " "), equals = pair.indexOf("="), given = equals >= 0;
      const value = decoded(given ? pair.slice(equals + 1) : "").trim();
      const key = named(decoded(given ? pair.slice(0, equals) : pair));
      if (given) found = weightier(found, actsOfValue(key, value));
      if (!given || !untrue.has(value.toLowerCase())) found = weightier(found, destroys(actsOfName(key, false)));
    }
    return found;
  }
  function actsOfPage(address) {
    const at = address.indexOf("?");
    return at < 0 ? actsOfPath(address) : weightier(actsOfPath(address.slice(0, at)), actsOfQuery(address.slice(at + 1)));
  }
  function actsOfAddress(url) {
    const text = String(url).replace(/[\t\r\n]/g, "").trim();
    const kind = (/^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? "").toLowerCase();
    if (table.harmless.includes(kind)) return "";
    if (text.length > most.address) return "unreadable";
    if (table.telling.includes(kind)) return "tell";
    if (kind === "javascript:") return actsOfName(named(decoded(text.slice(kind.length))), true);
    let rest = text.slice(kind.length);
    if (rest.startsWith("//")) {
      const host = rest.slice(2).search(/[/?#\\]/);
      rest = host < 0 ? "" : rest.slice(2 + host);
    }
    const hash = rest.indexOf("#"), before = hash < 0 ? rest : rest.slice(0, hash), fragment = hash < 0 ? "" : rest.slice(hash + 1);
    const found = actsOfPage(before);
    return /^[/!]/.test(fragment) ? weightier(found, actsOfPage(fragment.replace(/^!+/, ""))) : found;
  }
  // What the text of a script does, as far as its names tell.
  const machine = (code) => (code.length > most.address ? "unreadable" : actsOfName(named(code), true));

  // ── Controls
  const MOST_UP = 40, MOST_INSIDE = 60, MOST_ATTRIBUTES = 100, MOST_CALLED = 500, LEAST_NAMED = 3;
  const HANDLER = /^(?:on(?:click|mouse|pointer|touch|key|submit|change|focus)|(?:data-)?ng-(?:click|submit|mouse|key)|@(?:click|submit|mouse|key)|v-on:|x-on:|\((?:click|submit|tap)\)|wire:|phx-|data-bind|data-action|data-on|jsaction)/i;
  const ADDRESS = /^(?:href|xlink:href|formaction|ping|data-(?:href|url|uri|link|src|remote|target-url|ajax|post|path|endpoint|route|api)|(?:data-)?hx-(?:get|post|put|patch|delete)|up-href|ng-href|data-turbo-frame-src)$/i;
  const CONFIRMS = /^(?:data-confirm(?:-.*)?|data-turbo-confirm|(?:data-)?hx-confirm|data-swal.*|(?:data-)?hx-(?:post|put|patch|delete))$/i;
  const METHOD = /^(?:data-(?:turbo-|ajax-|http-)?method|formmethod)$/i;
  const CALLED = /^(?:id|name|value|formid|translate|commandfor|command|popovertarget|aria-controls|data-(?:i18n|translate|target|bs-target|action|act|cmd|command|type|role|testid|test|cy|qa|event|op|handler|controller|function|do))$/i;
  const TOLD = /i18n|translate/i; // names of texts, in which the act may stand among anything
  const INTERACTIVE = "a,area,button,summary,label,input,option,[role=button],[role=link],[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=tab],[role=option],[role=switch],[role=checkbox],[role=radio],[role=treeitem],[contenteditable]";
  const ICONS = /(?:^|[\s/#_.-])(?:fa[srlbdt]?|bi|glyphicon|icon|icons|ico|mdi|ti|pi|la|las|ri|fi|ion|lnr|anticon|feather|ph|bx|el-icon|material-icons?|k-i|ui-icon|dx-icon|e-icon|oi|flaticon|tabler|iconify|lucide|heroicons?|octicon|icofont|typcn|zmdi|uil|ki|solar|carbon|mingcute|material-symbols?|remixicon)[-:_/]+([a-z0-9-]+)/gi;
  // A form's fields may bear the names of its own properties, and it stands above many a control.
  const { apply } = Reflect;
  const getter = (prototype, name) => { const { get } = Object.getOwnPropertyDescriptor(prototype, name); return (node) => apply(get, node, []); };
  const attributesOf = getter(Element.prototype, "attributes"), parentOf = getter(Node.prototype, "parentElement");
  const [itMatches, itsRoot, itHas, itGives] = [Element.prototype.matches, Node.prototype.getRootNode, Element.prototype.hasAttribute, Element.prototype.getAttribute];
  const matches = (element, selector) => apply(itMatches, element, [selector]);
  const attribute = (element, name) => apply(itGives, element, [name]) ?? "";
  const isLink = (element) => (element instanceof HTMLAnchorElement || element instanceof HTMLAreaElement) && /^https?:$/.test(element.protocol) &&
    !/^\s*(?:#|$)/.test(attribute(element, "href")) && !element.hasAttribute("download");
  // A form that closes its dialog sends nothing.
  const closes = (element) => (attribute(element, "formmethod") || (element.form ? attribute(element.form, "method") : "")).trim().toLowerCase() === "dialog";
  // A picture that belongs to no form sends nothing: it is a button for its handlers.
  const isSubmit = (element) => ((element instanceof HTMLInputElement && (element.type === "submit" || (element.type === "image" && Boolean(element.form)))) ||
    (element instanceof HTMLButtonElement && element.type === "submit" && Boolean(element.form || element.hasAttribute("type") || element.hasAttribute("form")))) && !closes(element);
  const drawnBy = (style) => [style.backgroundImage, style.maskImage, style.listStyleImage, style.content].join(" ");
  const written = (style) => [...style.content.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text).join("");
  const NOTHING = /^(?:none|normal)$/;
  // What style sheets write beside an element and in which direction, and the files of what they draw there.
  function looks(element, at) {
    const own = getComputedStyle(element), sides = ["::before", "::after", ...(at ? [] : ["::marker"])];
    const beside = sides.map((side) => getComputedStyle(element, side)).filter((style) => !NOTHING.test(style.content));
    return {
      element, texts: beside.map(written), backwards: own.direction === "rtl" && own.unicodeBidi.includes("override"),
      files: [own, ...beside].flatMap((style) => [...drawnBy(style).matchAll(/url\("([^"]*)"\)/g)].map(([, file]) => file)),
    };
  }
  const referenced = (element, name) => attribute(element, name).split(/\s+/, 20).map((id) => (id && element.getRootNode().getElementById?.(id))?.textContent ?? "");
  // Attributes in which people are told what something is; those of `DESCRIBES` may say a good deal more.
  const NAMES = /^(?:alt|label)$|(?:^|[-:])(?:label|braillelabel|title|roledescription|tip|hint|balloon|caption|message|valuetext|content|description|text)$|tooltip/i;
  const DESCRIBES = /^title$|(?:description|content)$/i;
  const REFERENCES = ["aria-labelledby", "aria-describedby"];
  const INSIDE = "img,svg,title,desc,use,image,object,source,i,span,b,em,bdo,[aria-label],[title],[alt],input,[data-icon],[data-feather],[data-lucide],[class*=icon]";
  const inside = (element) => [...element.querySelectorAll(INSIDE)].slice(0, MOST_INSIDE);
  // What stands in open shadows within an element is drawn, too.
  const shadows = (element) => [element, ...[...element.querySelectorAll("*")].slice(0, MOST_INSIDE)].map((one) => one.shadowRoot).filter(Boolean);
  const CLOSES = /^[×✕✖✗✘╳🗙⨯⊗⊠❎xX]\uFE0F?$/u;

  // Every text by which a control may be known, each by itself (together they would be no whole label any more), and whether it only
  // describes: [text, describes].
  function texts(element, parts = [element, ...inside(element)].map(looks)) {
    const isList = element.matches("select,[role=listbox]"); // its entries are asked about one by one
    const found = isList ? [] : [[element.innerText || element.textContent || "", false]];
    for (const root of shadows(element)) {
      const drawn = [...root.childNodes].filter((one) => !["style", "script"].includes(one.localName));
      found.push([drawn.map((one) => one.innerText || one.textContent).join(" "), false]);
    }
    for (const { element: one, texts: beside, backwards } of parts) {
      for (const { name, value } of [...attributesOf(one)].slice(0, MOST_ATTRIBUTES)) if (NAMES.test(name)) found.push([value, DESCRIBES.test(name)]);
      for (const name of REFERENCES) if (one.hasAttribute(name)) found.push([referenced(one, name).join(" "), name !== "aria-labelledby"]);
      if (["title", "desc"].includes(one.localName)) found.push([one.textContent, false]);
      if (one instanceof HTMLInputElement && ["button", "submit", "reset", "image"].includes(one.type)) found.push([one.value, false]);
      for (const text of beside) found.push([text, false]);
      if (backwards) found.push([turned(one.textContent), false]);
    }
    return found.map(([text, describes]) => [text.slice(0, most.address), describes]).filter(([text]) => text.trim());
  }
  const fileName = (address) => (/^data:/i.test(address) ? "" : address.slice(0, most.address).split(/[?#\s]/)[0].split("/").at(-1).replace(/\.[a-z]+$/i, ""));
  // What an icon of this name means; of what destroys there are many kinds ("trash-2", "delete-bin-line").
  const LEAST_PICTURED = 5;
  function pictured(name) {
    const words = name.toLowerCase().replace(/\.(?:svg|png|gif|webp)$/, "").split(/[-_ ]+/).filter(Boolean);
    for (let end = words.length; end > 0; end -= 1) {
      const told = words.slice(0, end).join(" "), bare = told.replace(/ ?\d+$/, "");
      const meaning = [told, bare].map((one) => (has(table.icons, one) ? table.icons[one] : "")).find(Boolean) ?? "";
      const found = end === words.length && told === bare ? meaning : bare.length >= LEAST_PICTURED ? destroys(meaning) : "";
      if (found) return found;
    }
    return "";
  }
  function icon(element, parts) {
    for (const { element: one, files: drawn } of parts) {
      const borne = [attribute(one, "class"), attribute(one, "href"), attribute(one, "xlink:href"), attribute(one, "src"), one.getAttribute("icon") ?? ""];
      const names = ["data-icon", "data-feather", "data-lucide", "icon", "svgicon", "name"].map((name) => attribute(one, name).replace(/^[a-z]+:/i, ""));
      for (const text of borne) for (const [, name] of text.slice(0, 500).matchAll(ICONS)) names.push(name);
      for (const name of names) {
        const meaning = pictured(name);
        if (meaning) return meaning;
      }
      const borneFiles = ["src", "srcset", "href", "xlink:href", "data", "poster"].filter((name) => one !== element || name !== "href").map((name) => attribute(one, name));
      for (const file of [...borneFiles, ...drawn].filter(Boolean)) {
        const within = /^data:/i.test(file) ? "" : file.slice(0, most.address).split("#")[1] ?? ""; // a picture of several
        const meaning = destroys(weightier(actsOfName(named(fileName(file)), false), weightier(actsOfName(named(within), false), pictured(within))));
        if (meaning) return meaning;
      }
    }
    return "";
  }
  // What programmers wrote at an element: where it leads, how it asks, what its handlers are called.
  function wired(element) {
    let found = apply(itHas, element, ["download"]) ? "download" : "";
    for (const { name, value } of [...attributesOf(element)].slice(0, MOST_ATTRIBUTES)) {
      if (ADDRESS.test(name)) found = weightier(found, actsOfAddress(value));
      if (HANDLER.test(name)) found = weightier(found, machine(value));
      if (CONFIRMS.test(name)) found = weightier(found, "confirm");
      if (METHOD.test(name) && !/^(?:get|dialog|)$/i.test(value.trim())) found = weightier(found, table.overrides[value.trim().toLowerCase()] ?? "send");
    }
    return found;
  }
  // What they called it; much is called by a word of the list that is harmless, so only what destroys counts.
  function called(element) {
    let found = "";
    for (const { name, value } of [...attributesOf(element)].slice(0, MOST_ATTRIBUTES)) {
      if (CALLED.test(name)) found = weightier(found, actsOfName(named(value.slice(0, MOST_CALLED)), MADE.test(value) || TOLD.test(name)));
    }
    for (const one of [...element.classList].slice(0, MOST_ATTRIBUTES)) found = weightier(found, destroys(actsOfName(named(one.slice(0, MOST_CALLED)), false)));
    return destroys(found);
  }
  // going: asked by somebody who goes from page to page. He may follow a link that bears the name of a procedure, may choose an
  // office called like an act, and is asked elsewhere (`leads`) about what leads on.
  // opening: it is not to be pressed; where it leads to is to be opened.
  function own(element, going, opening = false) {
    const isReset = element.matches("input[type=reset],button[type=reset]");
    let found = weightier(isSubmit(element) && !opening ? "send" : isReset ? "reset" : "", wired(element));
    const parts = [element, ...inside(element)].map(looks);
    found = weightier(found, weightier(called(element), icon(element, parts)));
    const link = isLink(element), isChoice = element.matches("option,select,[role=option],[role=combobox],[role=listbox]");
    for (const [text, describes] of texts(element, parts)) {
      if (link && CLOSES.test(plain(text))) found = weightier(found, "delete"); // a link closes nothing
      if (going && leading(text, link)) continue;
      const meaning = judged(text, !(going && (link || isChoice)));
      // An office may be called by what it does, and what describes a link may speak of what comes behind it.
      found = weightier(found, going && (isChoice || (link && describes)) ? destroys(meaning) : meaning);
    }
    return found;
  }
  // What somebody would say yes to by pressing it: a question or a warning that stands close by, outside of other controls.
  const ASKS = /[?？]|xác nhận|chắc chắn|có chắc|bạn (?:sắp|đang|muốn)|hoàn tác|khôi phục|sẽ bị|confirm|are you sure|be undone|about to/iu;
  const ANSWERS = /^(?:tiếp|đồng|tôi|thực|bước|có|vâng|xác|ok|yes|next|continue|proceed|agree|i agree|sure)(?!\p{L})/iu;
  const MOST_AROUND = 600, MOST_TEXTS = 30, MOST_ABOVE = 5;
  function spoken(node) {
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    let text = "";
    for (let nodes = 0; walker.nextNode(); nodes += 1) {
      if (nodes > MOST_TEXTS || text.length > MOST_AROUND) return null; // too much to belong to one control
      if (!walker.currentNode.parentElement?.closest(`${INTERACTIVE},script,style,template,noscript`)) text += ` ${walker.currentNode.data.slice(0, MOST_AROUND + 1)}`;
    }
    return plain(text).normalize("NFC");
  }
  function answered(element, going) {
    if (going && !texts(element).some(([text]) => ANSWERS.test(plain(text).normalize("NFC")))) return "";
    let node = parentOf(element) ?? apply(itsRoot, element, []).host;
    for (let steps = 0; node && steps < MOST_ABOVE; node = parentOf(node) ?? apply(itsRoot, node, []).host, steps += 1) {
      const text = spoken(node);
      if (text === null) return "";
      const asking = text.split(/(?<=[.!?？])\s/u).filter((sentence) => ASKS.test(sentence));
      const meaning = asking.reduce((found, sentence) => weightier(found, destroys(judged(sentence, false))), "");
      if (meaning) return meaning;
    }
    return "";
  }
  // What stands around a control and says what it does: a tooltip of what wraps it, the head of its column.
  const MOST_WRAPPED = 3;
  function headed(element) {
    let found = "";
    for (let steps = 0, node = parentOf(element); node && steps < MOST_WRAPPED; node = parentOf(node), steps += 1) {
      for (const { name, value } of [...attributesOf(node)].slice(0, MOST_ATTRIBUTES)) {
        if (NAMES.test(name)) found = weightier(found, destroys(judged(value.slice(0, MOST_CALLED), false)));
      }
      if (node instanceof HTMLTableCellElement) {
        const head = node.closest("table")?.tHead?.rows[0] ?? node.closest("table")?.rows[0], cell = head?.cells[node.cellIndex];
        if (cell && cell !== node && !cell.querySelector(INTERACTIVE)) found = weightier(found, destroys(judged(cell.textContent.slice(0, MOST_CALLED), false)));
      }
    }
    return found;
  }
  function* upwards(element) {
    let steps = 0;
    for (let node = element; node && steps < MOST_UP; node = parentOf(node) || apply(itsRoot, node, []).host, steps += 1) yield node;
  }
  function along(element, going, opening = false) {
    // What is in a control is pressed as the control, whose texts hold its own.
    const stands = [...upwards(element)].some((node) => matches(node, INTERACTIVE));
    let found = weightier(stands && !matches(element, INTERACTIVE) ? wired(element) : own(element, going, opening), weightier(headed(element), answered(element, going)));
    for (const node of upwards(element)) {
      if (node instanceof HTMLLabelElement && node.control) found = weightier(found, own(node.control, going));
      if (node === element) continue;
      found = weightier(found, matches(node, INTERACTIVE) ? own(node, going) : destroys(wired(node)));
    }
    return found;
  }

  // Where the pointer is to rest and nothing is pressed: what hears of it, and what a control around it destroys. A menu may be called
  // by what is sent from a page behind it.
  function resting(element) {
    const isIn = [...upwards(element)].some((node) => matches(node, INTERACTIVE));
    const heard = [...upwards(element)].reduce((found, node) => weightier(found, node === element ? wired(node) : destroys(wired(node))), "");
    return weightier(heard, isIn ? destroys(along(element, true)) : "");
  }

  // ── What leads on
  const WRITTEN_IN = "input:not([type=hidden],[type=submit],[type=image],[type=button],[type=reset],[type=radio],[type=checkbox],[type=search],[type=range],[type=color]),textarea,[role=textbox],[contenteditable=''],[contenteditable=true],[contenteditable=plaintext-only]";
  const ASIDE = "header,nav,footer,aside,[role=search],[role=banner],[role=navigation],[role=contentinfo],[role=combobox]";
  const drawn = (element) => element.getClientRects().length > 0 && element.checkVisibility({ visibilityProperty: true });
  const looksUp = (field) => field.getAttribute("role") === "searchbox" || field.matches("input[role=combobox]") ||
    /tìm|từ khóa|từ khoá|tra cứu|search|keyword/iu.test([field.placeholder, attribute(field, "aria-label"), ...[...(field.labels ?? [])].map((label) => label.textContent), field.name, field.id].join(" ").normalize("NFC"));
  // Fields of a declaration that a person could write into: no search, no login, nothing beside the content.
  function fields() {
    const all = [...document.querySelectorAll(WRITTEN_IN)].filter((field) => !field.closest(ASIDE) && drawn(field) && !field.matches(":disabled,[readonly]") && !looksUp(field));
    const isLogin = (field) => field.type === "password" || Boolean((field.form ?? field.closest("div,section"))?.querySelector("input[type=password]"));
    return all.filter((field) => !isLogin(field));
  }
  const filled = (field) => Boolean(("value" in field ? field.value : field.textContent).trim());
  const BESIDE_LINK = 3, BESIDE_BUTTON = 2;
  // Whether no field has been met yet where a control stands that leads on: none in its own form, hardly any on the page.
  function before(element, link = isLink(element)) {
    const met = fields(), form = element.form ?? element.closest("form");
    const near = met.filter((field) => !field.form || field.form === form);
    if (near.some(filled)) return false;
    if (!link && form && near.some((field) => field.form === form)) return false;
    return near.length < (link ? BESIDE_LINK : BESIDE_BUTTON);
  }
  const leads = (element) => [...upwards(element)].every((node, at) => (at > 0 && !matches(node, INTERACTIVE)) || !texts(node).some(([text]) => leading(text, isLink(node))) || before(node));

  // ── What is a link in all but name
  // A control of a form that asks for nothing and gets an address: it is never pressed, the address can be opened. Empty = none.
  const GOES = /^\s*(?:javascript:)?\s*(?:(?:window|self|top|parent|document)\.)?location(?:\.href)?(?:\s*=\s*|\.(?:assign|replace)\(\s*)(["'])([^"']{1,500})\1\s*\)?\s*;?\s*(?:return\s+false\s*;?)?\s*$/;
  const STAYS = /return\s+false\s*;?\s*$/, MOST_HIDDEN = 30;
  function formLink(element) {
    if (!isSubmit(element) || window !== top || element.matches(":disabled")) return "";
    const { form } = element, handler = attribute(element, "onclick").trim(), goes = GOES.exec(handler);
    // A browser goes there and then sends the form all the same, but for a handler that says no.
    if (goes && (!form || STAYS.test(handler))) return new URL(goes[2], document.baseURI).href;
    if (handler || !form || attribute(form, "onsubmit").trim() || element.hasAttribute("formmethod") || attribute(form, "method").trim().toLowerCase() === "post") return "";
    if (form.method !== "get" || !/^[^#]/.test(attribute(element, "formaction") || attribute(form, "action"))) return "";
    const others = [...form.elements].filter((one) => one !== element && !(one instanceof HTMLFieldSetElement) && !(one instanceof HTMLOutputElement));
    if (others.length > MOST_HIDDEN || !others.every((one) => one instanceof HTMLInputElement && (one.type === "hidden" || isSubmit(one)))) return "";
    const address = new URL(attribute(element, "formaction") || attribute(form, "action"), document.baseURI);
    const query = new URLSearchParams(others.filter((one) => one.type === "hidden" && one.name && !one.disabled).map((one) => [one.name, one.value]));
    if (element.name && element.type !== "image") query.append(element.name, element.value);
    if (element.type === "image") for (const side of ["x", "y"]) query.append(element.name ? `${element.name}.${side}` : side, "1");
    address.search = query.toString();
    return address.href;
  }
  const opens = (element) => {
    const address = formLink(element);
    if (!/^https?:/.test(address) || along(element, true, true) || actsOfAddress(address)) return "";
    return leads(element) || (GOES.test(attribute(element, "onclick")) && before(element, true)) ? address : "";
  };

  // Whether a link bears the name of the procedure with this code: as procedures are called, with the code in its own text or
  // address, and nothing of a person's own in it. To stand by the code is not enough.
  const normal = (text) => String(text).normalize("NFC").toLowerCase();
  function procedureLink(element, code) {
    if (!isLink(element) || !code) return false;
    const text = element.innerText || element.textContent || "", within = normal(code);
    if (!normal(text).includes(within) && !normal(decoded(element.href)).includes(within)) return false;
    const words = read(plain(text.replaceAll(code, " ")).slice(0, most.label)).filter((word) => !isDigit(word));
    return words.length >= LEAST_NAMED && longest(words, 0, table.verbs)[0] > 0 && !words.some((_, at) => longest(words, at, table.own)[0]);
  }

  // A page may have made of anything what it likes; what cannot be read is forbidden.
  const closed = (judge) => { try { open(); return judge(); } catch { return "unreadable"; } };

  // What destroys anywhere in an address, among whatever else: nobody has to read it.
  const anywhere = (url) => { const { pathname, search } = new URL(url, document.baseURI); return destroys(actsOfName(named(decoded(`${pathname} ${search}`)), true)); };

  // A link that says nothing in words says nothing that could be judged.
  const untold = (link) => (texts(link).length ? "" : "unreadable");

  return {
    words: (text) => closed(() => judged(text, false) || null),
    address: (url) => closed(() => actsOfAddress(url) || null),
    leading: (text, link) => { open(); return leading(text, link); },
    procedure: (element, code) => { try { open(); return procedureLink(element, code); } catch { return false; } },
    opens: (element) => { try { open(); return opens(element); } catch { return ""; } },
    control: (element) => closed(() => along(element, false) || null),
    reading: (element, url) => closed(() => (isLink(element) ? along(element, false) || untold(element) : actsOfAddress(url)) || anywhere(url) || null),
    resting: (element) => closed(() => resting(element) || null),
    way: (element) => closed(() => along(element, true) || (leads(element) ? null : "proceed")),
  };
})
