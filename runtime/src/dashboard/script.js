// Everything works without this: it keeps lists up to date, copies, and listens to keys.
"use strict";
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const root = document.body.dataset.root, csrf = document.body.dataset.csrf || "";
  document.documentElement.classList.add("js");

  // Times in the reader's own zone.
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
  const times = (within) => all("time[datetime]", within).forEach((time) => {
    const at = new Date(time.dateTime);
    if (!isNaN(at)) time.textContent = (Math.abs(Date.now() - at) < 64800000 ? clock : day).format(at);
  });
  times(document);

  // New requests.
  const live = one("[data-live]"), body = one("[data-rows] tbody");
  if (live && live.dataset.live && body && window.EventSource) {
    const text = one("[data-live-text]", live), waiting = [];
    const seen = new Set(all("tr[data-id]", body).map((row) => row.dataset.id));
    const busy = () => document.hidden || window.scrollY > 240;
    const say = (state, words) => { live.className = "live only-js " + state; text.textContent = words; };
    const show = () => {
      for (const row of waiting.splice(0)) body.prepend(row);
      while (body.rows.length > 200) body.rows[body.rows.length - 1].remove();
      say("", "live");
    };
    const source = new EventSource(live.dataset.live);
    source.onopen = () => say("", "live");
    source.onerror = () => say("off", "reconnecting");
    source.onmessage = (event) => {
      if (seen.has(event.lastEventId)) return;
      if (seen.size > 5000) seen.clear();
      seen.add(event.lastEventId);
      const table = document.createElement("table");
      table.innerHTML = "<tbody>" + event.data + "</tbody>";
      const row = one("tr", table);
      if (!row) return;
      times(row);
      const empty = one("[data-empty]");
      if (empty) empty.remove();
      waiting.push(row);
      if (busy()) say("waiting", waiting.length + " new"); else show();
    };
    let missed = 0;
    source.addEventListener("missed", (event) => {
      missed += JSON.parse(event.data).missed;
      live.title = missed + " more came too fast to be shown";
    });
    document.addEventListener("visibilitychange", () => busy() || show());
    window.addEventListener("scroll", () => busy() || waiting.length && show(), { passive: true });
    live.addEventListener("click", () => { window.scrollTo(0, 0); show(); });
    window.addEventListener("pagehide", () => source.close());
  }

  // A run that goes on.
  const refresh = async () => {
    const part = one("[data-refresh]");
    if (!part) return;
    // What a person writes or presses is not swept away, nor what was while the page was under way.
    const written = () => all("[data-keep] textarea").some((field) => field.value !== field.defaultValue);
    const busy = () => document.hidden || written() || one("details[open] pre:hover, main :active, [data-keep]:focus-within");
    if (!busy()) {
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = one("main", page);
        if (answer.ok && next && !busy()) { one("main").replaceChildren(...next.childNodes); times(one("main")); document.title = page.title; }
      } catch { /* the program may be restarting */ }
    }
    setTimeout(refresh, 1000);
  };
  setTimeout(refresh, 600);

  const copy = async (button, text) => {
    try { await navigator.clipboard.writeText(text); } catch { return false; }
    const before = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = before; }, 1400);
    return true;
  };
  const ask = (url, fields) => fetch(url, { method: "POST", headers: { "content-type": "application/json", "x-csrf-token": csrf }, body: JSON.stringify(fields) });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button, one(button.dataset.copy).textContent);
    if (event.target.closest("[data-help]")) one("#help").showModal();
    const row = event.target.closest("tr.row");
    if (row && !event.target.closest("a, button, input, form, label") && !String(getSelection())) one("a.to", row)?.click();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) return event.preventDefault();
    if (form.dataset.copyFrom && navigator.clipboard && !form.dataset.plain) {
      event.preventDefault();
      const answer = await ask(form.dataset.copyFrom, {});
      if (!answer.ok || !(await copy(one("button", form), await answer.text()))) { form.dataset.plain = "1"; form.submit(); }
    }
    if (form.dataset.send) {
      event.preventDefault();
      const result = one("[data-result]"), fields = Object.fromEntries(new FormData(form));
      delete fields.csrf;
      const answer = await ask(form.dataset.send, fields);
      const sent = await answer.json();
      result.replaceChildren();
      const line = document.createElement("p");
      if (sent.error) { line.className = "error"; line.textContent = sent.error; result.append(line); return; }
      const chip = document.createElement("a");
      chip.className = "chip " + sent.outcome;
      chip.href = root + "/requests/" + sent.id;
      chip.textContent = sent.outcome.replace("_", " ");
      line.append(chip, " " + sent.status + " " + (sent.jobs.length ? "runs " + sent.jobs.join(", ") : sent.reason || ""));
      result.append(line);
      // The page of the request says what each job made of it.
      const page = await (await fetch(chip.href)).text();
      const shown = new DOMParser().parseFromString(page, "text/html");
      for (const part of all(".reason, .verdicts, .checks", shown)) result.append(part);
      times(result);
    }
  });

  // Keys.
  const rows = () => all("[data-rows] tr.row");
  const move = (by) => {
    const list = rows();
    if (!list.length) return;
    const now = list.findIndex((row) => row.classList.contains("at"));
    const next = list[Math.min(list.length - 1, Math.max(0, now < 0 ? 0 : now + by))];
    list[now]?.classList.remove("at");
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
  };
  const pages = { s: "", e: "/endpoints", r: "/runs", v: "/events", c: "/schedules", x: "/sources", m: "/map", p: "/problems" };
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog[open]")) return;
    if (Date.now() - going < 1200 && event.key in pages) { location.href = root + pages[event.key]; return; }
    going = event.key === "g" ? Date.now() : 0;
    const press = (key) => one('[data-key="' + key + '"] button')?.click();
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "Enter" && event.target === document.body) one("tr.at a.to")?.click();
    else if (event.key === "/") { one("[data-search]")?.focus(); event.preventDefault(); }
    else if (event.key === "r" || event.key === "c") press(event.key);
    else if (event.key === "?") one("#help").showModal();
  });
})();
