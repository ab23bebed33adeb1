type Listener = (event: never) => void;

/** Listeners by event. One that throws does not keep the others from being told; its error goes to the host. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<Listener>>();

  /** @returns ends it */
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
        // Thrown where nobody catches it: the host reports it as what it is.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
