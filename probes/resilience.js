// A citizen's part in the resilience probe: fills harmless fields, and tells afterwards what became of them and what the page said.
(() => {
  "use strict";
  const TEXTS = "input:not([type]),input[type=text],textarea";
  const OF_LINE = /mất kết nối|không có (kết nối|mạng|internet)|lỗi (kết nối|mạng|đường truyền)|kết nối mạng|ngoại tuyến|gián đoạn|mất mạng|đang kết nối lại|offline|connection (lost|error)|no internet|network error|reconnect/iu;
  // What a page may as well say of a value that it does not take counts only once nothing is typed any more.
  const TELLS = RegExp(OF_LINE.source + "|thử lại|try again", "iu");
  const usable = (e) => e.getClientRects().length > 0 && e.checkVisibility({ visibilityProperty: true }) && !e.matches(":disabled,[readonly]") &&
    !e.value && !e.pattern && !e.list && e.getAttribute("role") !== "combobox" && !(e.maxLength >= 0 && e.maxLength < 12);
  const drawn = () => document.body.innerText.normalize("NFC");
  const chosen = [];
  const lines = () => new Set(drawn().split("\n"));
  let told = "", before = "", wasThere = lines(), watching = null;
  const look = (signs = TELLS) => {
    if (told) return;
    for (const line of lines()) if (!wasThere.has(line) && signs.test(line)) { told = signs.exec(line)[0]; return; }
  };
  return {
    pick: (most) => {
      for (const e of document.querySelectorAll(TEXTS)) if (chosen.length < most && usable(e)) chosen.push({ element: e, selector: e.id || e.name || "", typed: "" });
      return chosen.length;
    },
    focus: (index) => { chosen[index].element.focus(); return document.activeElement === chosen[index].element; },
    typed: (index) => { chosen[index].typed = chosen[index].element.value; return chosen[index].typed; },
    listen: () => {
      before = location.href;
      look(OF_LINE);
      wasThere = lines();
      watching = setInterval(() => look(), 100);
    },
    report: () => {
      look();
      clearInterval(watching);
      const kept = chosen.filter((c) => c.element.isConnected && c.typed && c.element.value === c.typed).length;
      return { kept, typed: chosen.filter((c) => c.typed).length, told, same: location.href === before };
    },
  };
})
