// The page works without this: it shows one transcript at a time, tells about the token that is pointed at, and makes
// files of the tables.
"use strict";

function button(label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", press);
  return made;
}

// --- one item of one group at a time

function choose(root) {
  for (const rest of root.querySelectorAll(":scope > details, :scope > .group > details")) {
    rest.replaceWith(...[...rest.children].filter((child) => child.tagName !== "SUMMARY"));
  }
  const groups = [...root.querySelectorAll(":scope > .group")];
  const itemsOf = (group) => [...group.querySelectorAll(":scope > .item")];
  let group = groups[0] || root;
  let place = 0;
  const bar = document.createElement("div");
  bar.className = "chooser";
  const told = document.createElement("span");
  told.className = "place";
  told.setAttribute("aria-live", "polite");

  function show() {
    const items = itemsOf(group);
    place = (place + items.length) % items.length;
    groups.forEach((one) => { one.hidden = one !== group; });
    items.forEach((item, number) => { item.hidden = number !== place; });
    names.forEach((one, number) => one.setAttribute("aria-pressed", String(groups[number] === group)));
    told.textContent = `${place + 1} of ${items.length}`;
    [back, on, any].forEach((one) => { one.hidden = items.length < 2; });
  }
  const go = (to) => () => { place = to(); show(); };
  root.classList.add("chosen");
  const names = groups.map((one) => button(one.dataset.group, () => { group = one; place = 0; show(); }));
  const back = button("← previous", go(() => place - 1));
  const on = button("next →", go(() => place + 1));
  const any = button("another at random", go(() => {
    const count = itemsOf(group).length;
    return (place + 1 + Math.floor(Math.random() * (count - 1))) % count;
  }));
  back.className = "back";
  on.className = "on";
  if (groups.length > 1) {
    const chips = bar.cloneNode();
    chips.setAttribute("role", "group");
    chips.setAttribute("aria-label", "What was asked");
    chips.append(...names);
    root.prepend(chips);
    chips.after(bar);
  } else {
    const first = root.querySelector(":scope > .item, :scope > .group");
    if (first) first.before(bar);
  }
  bar.append(back, told, on, any);
  if (itemsOf(group).length) show();
  if (groups.length < 2 && itemsOf(group).length < 2) bar.remove();
}

// --- what is told about a token: on pointing, on tapping, and on arrow keys within the text

function tell(text) {
  const tokens = [...text.querySelectorAll(".t")];
  const told = document.createElement("p");
  told.className = "told";
  told.setAttribute("aria-live", "polite");
  const strips = text.closest(".strips");
  told.textContent = strips && strips.querySelector(".tokens") === text ? "Point at a token, or tap it." : "";
  text.after(told);
  text.setAttribute("role", "group");
  tokens.forEach((token, place) => {
    token.dataset.tip = token.title;
    token.removeAttribute("title");
    token.tabIndex = place ? -1 : 0;
    const say = () => { told.textContent = token.dataset.tip; };
    token.addEventListener("pointerenter", say);
    token.addEventListener("click", () => token.focus());
    token.addEventListener("focus", () => {
      tokens.forEach((other) => { other.tabIndex = other === token ? 0 : -1; });
      say();
    });
    token.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const to = event.key === "Home" ? 0 : event.key === "End" ? tokens.length - 1 : place + (step || 0);
      if (to === place || !tokens[to]) return;
      event.preventDefault();
      tokens[to].focus();
    });
  });
}

document.querySelectorAll(".tokens").forEach(tell);
document.querySelectorAll("[data-chooser]").forEach(choose);

// --- a table as a file

function csv(frame) {
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [...frame.querySelectorAll("tr")].map((line) => [...line.cells].map((cell) => quoted(cell.textContent)));
  const link = document.createElement("a");
  const caption = frame.getAttribute("aria-label");
  link.textContent = "this table as CSV";
  link.download = `${caption.toLowerCase().replace(/\W+/g, "-").replace(/^-|-$/g, "") || "table"}.csv`;
  link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(lines.map((line) => line.join(",") + "\r\n").join(""))}`;
  const shown = document.createElement("p");
  shown.className = "csv";
  shown.append(link);
  frame.after(shown);
}

document.querySelectorAll("details > .scroll").forEach(csv);

// --- what is folded

// A link into it opens it; on paper it is open.
function unfold(inside) {
  for (let fold = inside && inside.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
}

function follow() {
  const to = document.getElementById(location.hash.slice(1));
  if (!to || !to.closest("details:not([open])")) return;
  unfold(to);
  to.scrollIntoView();
}

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach((fold) => { fold.open = true; });
});
addEventListener("afterprint", () => { closed.forEach((fold) => { fold.open = false; }); });
addEventListener("hashchange", follow);
follow();
const contents = document.getElementById("contents");
if (contents && matchMedia("(min-width: 60rem)").matches) contents.open = true;

// A frame that need not be scrolled is no stop for the Tab key.
function stops() {
  for (const frame of document.querySelectorAll(".scroll")) {
    if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  }
}
stops();
addEventListener("resize", stops);
document.addEventListener("toggle", stops, true);
