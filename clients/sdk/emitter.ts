/** Listeners by event. If one throws, the others are still called, and the error is reported as uncaught. */
export interface Emitter<Events> {
  /** @returns a function that removes the listener */
  on<E extends keyof Events>(event: E, listener: (event: Events[E]) => void): () => void;
  emit<E extends keyof Events>(event: E, value: Events[E]): void;
}

export function emitterOf<Events>(): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    on(event, listener) {
      const all = listeners.get(event) ?? new Set();
      listeners.set(event, all.add(listener));
      return () => void all.delete(listener);
    },
    emit(event, value) {
      for (const listener of [...(listeners.get(event) ?? [])]) {
        try {
          listener(value as never);
        } catch (error) {
          // Rethrown outside any handler, so that the host reports it as uncaught.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
