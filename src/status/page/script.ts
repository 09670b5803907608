/** Script of the page: asks for it again and again, and changes what changed, so that whoever reads is not disturbed. */
export const pageScript = `
const everyMs = 3000;
const timeoutMs = 10000;
const { lang } = document.documentElement;
const locale = navigator.language.startsWith(lang) ? undefined : lang;
const stale = document.getElementById("stale");

/* Times are told in UTC; here it is known which clock hangs on the wall. */
function localise(root) {
  for (const time of root.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    if (time.classList.contains("clock")) time.textContent = date.toLocaleTimeString(locale);
    else if (time.classList.contains("exact")) time.textContent = date.toLocaleString(locale, { dateStyle: "long", timeStyle: "short" });
    else time.title = date.toLocaleString(locale, { dateStyle: "full", timeStyle: "medium" });
  }
}

/* What a reader did to the page stays: unfolded parts, what is typed, marked or in focus. */
function morph(now, next) {
  if (now.nodeType !== next.nodeType || now.nodeName !== next.nodeName || now.id !== next.id) {
    now.replaceWith(next);
    return;
  }
  if (now.nodeType !== Node.ELEMENT_NODE) {
    if (now.data !== next.data) now.data = next.data;
    return;
  }
  if (now.nodeName === "INPUT") return;
  for (const { name, value } of next.attributes) {
    if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name) && name !== "open") now.removeAttribute(name);
  }
  const before = [...now.childNodes];
  const after = [...next.childNodes];
  for (const [index, child] of after.entries()) {
    if (index < before.length) morph(before[index], child);
    else now.append(child);
  }
  for (const child of before.slice(after.length)) child.remove();
}

async function refresh() {
  const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) throw new Error("HTTP " + answer.status);
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  localise(next);
  document.title = next.title;
  for (const where of ["main", "footer", "link[rel=icon]"]) {
    morph(document.querySelector(where), next.querySelector(where));
  }
}

async function keepFresh() {
  if (!document.hidden) {
    try {
      await refresh();
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  }
  setTimeout(keepFresh, everyMs);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh().catch(() => {});
});
localise(document);
setTimeout(keepFresh, everyMs);
`;
