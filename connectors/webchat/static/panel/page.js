/* Between the panel and the page that shows it: only with the page around us, and only if the desk knows it. */

/** Listens from now on; `listen(heard)` says that the panel is ready, and `heard(message)` gets what the page says.
    `tell(message)` tells the page something; where there is none around us, it tells nobody. */
export function page(origins) {
  const known = origins.map((each) => new URL(each).origin);
  let origin = "";
  let hear = null;
  const tell = (message) => origin && window.parent.postMessage(message, origin);
  window.addEventListener("message", (event) => {
    if (window.parent === window || event.source !== window.parent || !known.includes(event.origin)) return;
    origin = event.origin;
    if (event.data?.desk !== "hello") hear?.(event.data ?? {});
    else if (hear) tell({ desk: "ready" });
  });
  return {
    tell,
    listen(heard) {
      hear = heard;
      if (window.parent === window) hear({ desk: "open", focus: true, alone: true });
      else tell({ desk: "ready" });
    },
  };
}
