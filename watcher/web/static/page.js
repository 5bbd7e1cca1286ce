// What the page does beside what HTML does by itself: keys, the reader's time, news without a reload. Everything
// here has a form or a link that does the same without it.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const root = document.body.dataset.pulse.replace(/\/pulse$/, "");

// --- times: the reader's zone, UTC beside it, and how long ago

const clock = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short" });
const inUtc = new Intl.DateTimeFormat("sv-SE", { timeStyle: "short", timeZone: "UTC" });
const ago = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function relative(at) {
  const seconds = (at - Date.now()) / 1000;
  for (const [size, unit] of [[86400, "day"], [3600, "hour"], [60, "minute"]])
    if (Math.abs(seconds) >= size) return ago.format(Math.round(seconds / size), unit);
  return "just now";
}

function tellTimes() {
  for (const time of $$("time[datetime]")) {
    const at = new Date(time.dateTime);
    const near = Math.abs(at - Date.now()) < 7 * 86400e3 ? `, ${relative(at)}` : "";
    time.textContent = `${clock.format(at)} (${inUtc.format(at)} UTC${near})`;
  }
}

// --- the selected incident

const rows = () => $$("[data-row]");
let selected = sessionStorage.getItem("selected") || "";

function select(row, follow = true) {
  for (const each of rows()) each.classList.toggle("current", each === row);
  selected = row ? row.dataset.row : "";
  sessionStorage.setItem("selected", selected);
  if (!row || !follow) return;
  row.scrollIntoView({ block: "nearest" });
  $("a.title", row)?.focus({ preventScroll: true });
}

function current() {
  return rows().find((row) => row.dataset.row === selected) || null;
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  select(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)]);
}

// --- forms that stay on the page

async function send(form, button) {
  const values = new URLSearchParams(new FormData(form));
  if (button?.name) values.append(button.name, button.value);
  if (form.matches("[data-rows]") && !values.has("id") && current()) values.append("id", selected);
  const place = rows().indexOf(current());
  const answer = await fetch(form.action, { method: "POST", body: values });
  if (!answer.ok) return tell(await answer.text());
  swap(await answer.text());
  if (!current() && place >= 0) select(rows()[Math.min(place, rows().length - 1)] || null, false);
}

function swap(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const part of ["main", ".said", "header nav"]) $(part).replaceWith(fresh.querySelector(part));
  document.title = fresh.title;
  begin();
}

function tell(words) {
  const said = $(".said");
  said.textContent = words;
  said.hidden = !words;
}

// --- news

const OLD = "What you see may be old:";
let newest = null;

async function pulse() {
  try {
    const answer = await fetch(document.body.dataset.pulse, { headers: { Accept: "application/json" } });
    if (!answer.ok) return tell(`${OLD} ${(await answer.text()).trim()}`);
    const now = await answer.json();
    if ($(".said").textContent.startsWith(OLD)) tell("");
    document.title = document.title.replace(/^\(\d+\) /, "");
    if (now.unanswered) document.title = `(${now.unanswered}) ${document.title}`;
    const count = $("[data-unanswered]");
    if (count) count.textContent = now.unanswered;
    if (newest !== null && now.newest !== newest) await refresh();
    newest = now.newest;
  } catch {
    tell(`${OLD} the page cannot be reached`);
  }
}

async function refresh() {
  const busy = $$("input[name=id]:checked").length || document.activeElement?.matches("input, select, textarea");
  if (!["incidents", "board", "alerts"].includes(document.body.dataset.page)) return;
  if (busy) return void tell("There is news: load the page again to see it.");
  const answer = await fetch(location.href);
  if (answer.ok) swap(await answer.text());
  select(current(), false);
}

// --- keys

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  o: () => open(),
  Enter: () => (document.activeElement?.matches("a, button, summary, input, select") ? false : open()),
  x: () => { const box = current() && $("input[name=id]", current()); if (box) box.checked = !box.checked; },
  u: () => { location.href = sessionStorage.getItem("list") || `${root}/incidents?state=new`; },
  "?": () => { location.href = `${root}/help`; },
  "/": () => { const field = $("[data-key='/']"); if (!field) location.href = `${root}/incidents#search`; else { const box = field.closest("details"); if (box) box.open = true; field.focus(); } },
  m: () => { const more = $("details.more"); if (more) { more.open = true; $("input", more).focus(); } },
};

function open() {
  const link = current() && $("a.title", current());
  if (link) location.href = link.href;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input:not([type=checkbox]), select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const button = $(`button[data-key="${CSS.escape(event.key)}"]`);
  if (button) {
    event.preventDefault();
    button.form.requestSubmit(button);
  } else if (Object.hasOwn(KEYS, event.key) && KEYS[event.key]() !== false) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-save]")) {
    event.preventDefault();
    saveView(new FormData(event.target).get("as"));
  } else if (event.target.matches("[data-try]") && !event.submitter?.formAction.endsWith("/download")) {
    event.preventDefault();
    tryIt(event.target);
  } else if (event.target.action.endsWith("/act")) {
    event.preventDefault();
    send(event.target, event.submitter);
  }
});

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) select(row, false);
});

// --- try it: what an edit gains and loses, as it is typed

let trying = null;

async function tryIt(form) {
  trying?.abort();
  trying = new AbortController();
  $("#tried").setAttribute("aria-busy", "true");
  try {
    const values = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body: values, signal: trying.signal });
    if (!answer.ok) return tell(await answer.text());
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    $("#tried").replaceWith(fresh.querySelector("#tried"));
    tellTimes();
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

let soon = 0;

document.addEventListener("input", (event) => {
  if (event.target.id !== "yaml") return;
  clearTimeout(soon);
  soon = setTimeout(() => tryIt(event.target.form), 400);
});

// --- saved views

function views() {
  try { return JSON.parse(localStorage.getItem("views") || "{}"); } catch { return {}; }
}

function saveView(name) {
  localStorage.setItem("views", JSON.stringify({ ...views(), [name]: location.search }));
  showViews();
}

function showViews() {
  const place = $("[data-saved]");
  if (!place) return;
  $("[data-views]").hidden = false;
  place.replaceChildren(...Object.entries(views()).flatMap(([name, query]) => {
    const link = document.createElement("a");
    link.href = `${root}/incidents${query}`;
    link.textContent = name;
    return [link, " "];
  }));
}

function begin() {
  tellTimes();
  showViews();
  if (document.body.dataset.page === "incidents") sessionStorage.setItem("list", location.href);
  select(current(), false);
}

begin();
if (location.hash === "#search") KEYS["/"]();
setInterval(tellTimes, 30e3);
setInterval(pulse, 20e3);
pulse();
