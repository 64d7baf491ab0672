/** The wish for a reload, by SIGHUP. */
export interface ReloadRequest {
  /** Calls back at every SIGHUP from now on, and at once if one came before. */
  onRequest(listener: () => void): void;
  /** Takes the process's handler away again. */
  release(): void;
}

/** Listens for SIGHUP, from before anything slow: unheard, it would end the process. */
export function listenForReload(): ReloadRequest {
  let asked = false;
  let listener = (): void => {
    asked = true;
  };
  const onHangup = (): void => listener();
  process.on('SIGHUP', onHangup);
  return {
    onRequest(next) {
      listener = next;
      if (asked) next();
    },
    release: () => void process.off('SIGHUP', onHangup),
  };
}
