// A stream of events with a button that starts it and one that stops it, for the race and for many users.

const element = (id) => document.getElementById(id);

export const announce = (words) => { element("announcement").textContent = words; };

// Connects the buttons. `reset` clears what an earlier run has shown, `begun` is announced at the start and `over()` at the
// end. `events` has a function for each event, and `ended` is called however the stream ends.
export function connect({ reset, begun, events, over, ended = () => {} }) {
  const [start, stop] = [element("start"), element("stop")];
  let source = null;

  function end(words) {
    source?.close();
    source = null;
    stop.hidden = true;
    start.hidden = false;
    start.textContent = "Start again";
    ended();
    announce(words);
  }

  start.onclick = () => {
    reset();
    start.hidden = true;
    stop.hidden = false;
    stop.focus();
    announce(begun);
    source = new EventSource(start.dataset.address);
    for (const [name, handle] of Object.entries(events)) source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    source.addEventListener("end", () => end(over()));
    source.addEventListener("failed", (event) => end(JSON.parse(event.data)));
    source.onerror = () => end("The connection closed before the end.");
  };
  stop.onclick = () => end("Stopped.");
  addEventListener("keydown", (event) => { if (event.key === "Escape" && source) end("Stopped."); });
}
