// The live feed: one socket to the gate, opened again whenever it is lost, and the gate's clock as seen from here.

const SILENT_S = 3;
const FIRST_RETRY_S = 0.25;
const LONGEST_RETRY_S = 4;
const WINDOW_S = 20;
const FULL = 1013;
// On a tablet: sign in first (edge/adapters/web_screen/tablet.py).
const SIGN_IN = 4401;

export const hereS = () => performance.now() / 1000;

// Maps the gate's monotonic clock to this page's. A message can only be late, never early, so the smallest difference
// seen is the best; only recent ones count, because two machines' clocks drift apart.
class GateClock {
  #recent = Infinity;
  #before = Infinity;
  #since = hereS();

  hear(gateS) {
    if (hereS() - this.#since > WINDOW_S) {
      this.#before = this.#recent;
      this.#recent = Infinity;
      this.#since = hereS();
    }
    this.#recent = Math.min(this.#recent, hereS() - gateS);
  }

  nowS() {
    return hereS() - Math.min(this.#recent, this.#before);
  }
}

// The message's layout is told in edge/core/screen.py.
export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const { published_s, state, picture } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  if (picture) picture.steps = new Uint8Array(buffer, 4 + length, picture.rows * picture.columns);
  return { published_s, state, picture };
}

export class Feed {
  // link: "connecting" until first answered, then "open", "lost", "full" (the gate serves no more viewers) or
  // "sign_in" (on a tablet).
  link = "connecting";
  #socket = null;
  #clock = new GateClock();
  #heardS = hereS();
  #retryS = FIRST_RETRY_S;
  #edition = null;
  #holdS = 0;
  #on;
  #newest = null; // a frame that waits for its turn
  #turn = new MessageChannel();

  // on.frame({published_s, state, picture}); on.link() when `link` has changed.
  constructor(on) {
    this.#on = on;
    this.#turn.port1.onmessage = () => this.#take();
  }

  gateNowS() {
    return this.#clock.nowS();
  }

  get holdS() {
    return this.#holdS;
  }

  open() {
    const socket = new WebSocket(new URL("live", location.href.replace(/^http/, "ws")));
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.#heard(event.data);
    socket.onclose = (event) => this.#lost({ [FULL]: "full", [SIGN_IN]: "sign_in" }[event.code] ?? "lost");
    this.#socket = socket;
    this.#heardS = hereS();
  }

  // The gate says something every second; a socket that is open but silent is as good as lost.
  check() {
    if (this.#socket && hereS() - this.#heardS > SILENT_S) this.#lost("lost");
  }

  #heard(data) {
    this.#heardS = hereS();
    if (typeof data === "string") {
      const hello = JSON.parse(data);
      if (hello.edition !== undefined) this.#greeted(hello);
      this.#clock.hear(hello.now_s);
      return;
    }
    if (this.#newest === null) this.#turn.port2.postMessage(null);
    this.#newest = data;
  }

  // Only the newest of those that have come meanwhile: a browser that is too slow for all of them never falls behind.
  #take() {
    const data = this.#newest;
    this.#newest = null;
    if (data === null) return;
    const frame = decode(data);
    this.#clock.hear(frame.published_s);
    this.#on.frame(frame);
  }

  #greeted({ edition, hold_s }) {
    if (this.#edition !== null && this.#edition !== edition) location.reload();
    this.#edition = edition;
    this.#holdS = hold_s;
    this.#clock = new GateClock();
    this.#retryS = FIRST_RETRY_S;
    this.#set("open");
  }

  // Somebody has signed in: no need to wait for the next try.
  retry() {
    if (this.#socket === null) this.open();
  }

  #lost(why) {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = this.#newest = null;
    socket.onmessage = socket.onclose = null;
    socket.close();
    this.#set(why);
    setTimeout(() => this.retry(), 1000 * this.#retryS * (0.75 + Math.random() / 2));
    this.#retryS = Math.min(2 * this.#retryS, LONGEST_RETRY_S);
  }

  #set(link) {
    this.link = link;
    this.#on.link();
  }
}
