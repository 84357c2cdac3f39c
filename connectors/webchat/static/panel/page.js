/* Between the panel and the page that shows it: only with the page around us, and only if the desk knows it. */

/** `heard(message)` gets what the page says. Returns what tells the page something; alone, it tells nobody. */
export function page(origins, heard) {
  let origin = "";
  const known = origins.map((each) => new URL(each).origin);
  if (window.parent === window) {
    queueMicrotask(() => heard({ desk: "open", focus: true, alone: true }));
    return () => {};
  }
  const tell = (message) => origin && window.parent.postMessage(message, origin);
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !known.includes(event.origin)) return;
    if (event.data?.desk === "hello") {
      origin = event.origin;
      tell({ desk: "ready" });
    }
    heard(event.data ?? {});
  });
  return tell;
}
