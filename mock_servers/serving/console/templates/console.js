// The link that the server prints carries the token behind a "#", which a browser sends to nobody.
const token = document.getElementById("token");
if (location.hash && !document.getElementById(location.hash.slice(1))) {
  if (token) {
    token.value = location.hash.slice(1);
  }
  history.replaceState(null, "", location.pathname);
  if (token) {
    token.form.submit();
  }
}

// What happens is shown as it happens: parts marked "live" are fetched anew, unless somebody is in them.
const live = document.getElementById("live");
async function renew() {
  if (live.checked && !document.hidden) {
    const answer = await fetch(live.dataset.page);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || part.contains(document.activeElement)) {
        continue;
      }
      for (const open of part.querySelectorAll("details[open][id]")) {
        fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
      }
      if (fresh.outerHTML !== part.outerHTML) {
        part.replaceWith(fresh);
      }
    }
  }
}
if (live) {
  live.closest("label").hidden = false;
  setInterval(() => renew().catch(() => { live.checked = false; }), 2000);
}
