/* Between the panel and the page that shows it: only with the page around us, and only if the desk knows it. */

/** Listens from now on; `listen(heard)` says that the panel is ready, and `heard(message)` gets what the page says,
    first of all "hello", also where there is no page.
    `tell(message)` tells the page something; where there is none around us, it tells nobody. */
export function page(origins) {
  const known = origins.map((each) => new URL(each).origin);
  let origin = "";
  let hear = null;
  let greeting = null;
  const tell = (message) => origin && window.parent.postMessage(message, origin);
  window.addEventListener("message", (event) => {
    if (window.parent === window || event.source !== window.parent || !known.includes(event.origin)) return;
    origin = event.origin;
    const hello = event.data?.desk === "hello";
    if (hear) hear(event.data ?? {});
    else if (hello) greeting = event.data;
    if (hear && hello) tell({ desk: "ready" });
  });
  return {
    tell,
    listen(heard) {
      hear = heard;
      if (window.parent === window || greeting) hear(greeting ?? { desk: "hello" });
      if (window.parent === window) hear({ desk: "open", focus: true, alone: true });
      else tell({ desk: "ready" });
    },
  };
}
