// The page works without this: it shows one transcript at a time, and tells about the token that is pointed at.
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
