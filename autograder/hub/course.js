// Shows how what runs goes on, and its end. Without it there is a link that loads the page again.
const { dataset } = document.body;

async function look() {
  const answer = await fetch(location.href, { headers: { "X-XSRFToken": dataset.xsrf } });
  if (!answer.ok) return; // logged out, say: the page stays as it is
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (!now || now.innerHTML === old.innerHTML) continue;
    const { outerHTML: focused } = document.activeElement;
    const lost = old !== document.activeElement && old.contains(document.activeElement);
    old.innerHTML = now.innerHTML;
    if (lost) [...old.querySelectorAll("a, button")].find((one) => one.outerHTML === focused)?.focus();
  }
  if (fresh.body.dataset.running) setTimeout(look, 1500);
}

if (dataset.running) setTimeout(look, 500);
