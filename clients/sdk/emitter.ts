type Listener = (event: never) => void;

/** Listeners by event. If one throws, the others are still called, and the error is reported as uncaught. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<Listener>>();

  /** @returns a function that removes the listener */
  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as (event: Events[E]) => void)(value);
      } catch (error) {
        // Rethrown outside any handler, so that the host reports it as uncaught.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
