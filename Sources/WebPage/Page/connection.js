/* Whether the server can be reached. */

const secondsBetweenLooks = 20;
const secondsWhileLost = 3;

/** Looks for the server from time to time while somebody sees the page, and tells when it is lost
    and when it is back. */
class Connection {
  /** `onChange` is called with whether the server answers, when that changed. */
  constructor(onChange) {
    this.onChange = onChange;
    this.isReached = true;
    this.timer = 0;
    for (const name of ["online", "offline", "focus"]) addEventListener(name, () => this.look());
    document.addEventListener("visibilitychange", () => this.look());
    this.wait();
  }

  /** Takes over whether the server answered somebody else. */
  note(isReached) {
    if (isReached !== this.isReached) {
      this.isReached = isReached;
      byId("banner").hidden = isReached;
      announce(isReached ? "The server can be reached again" : byId("banner").textContent);
      this.onChange(isReached);
    }
    this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    const seconds = this.isReached ? secondsBetweenLooks : secondsWhileLost;
    this.timer = setTimeout(() => this.look(), seconds * 1000);
  }

  async look() {
    clearTimeout(this.timer);
    if (document.visibilityState !== "visible") return;
    try {
      await ask("/health/live", { signal: AbortSignal.timeout(10_000) });
      this.note(true);
    } catch (error) {
      this.note(Boolean(error.status));
    }
  }
}
