import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { Sign } from '../badge.tsx';
import { readSetting, writeSetting } from '../settings.ts';
import { alertSettings, canNotify } from './announcer.ts';
import { allowSound, beep } from './beep.ts';

const reasons = 'when something is ready, its window nears its end, it fails, or nobody watches';

/** Switches notifications and sound on and off, for this browser. */
export function Bell(): VNode {
  const [notify, setNotify] = useSwitch(alertSettings.notify);
  const [sound, setSound] = useSwitch(alertSettings.sound);
  const [isBlocked, setBlocked] = useState(false);

  async function switchNotify(): Promise<void> {
    if (notify) {
      setNotify(false);
      return;
    }
    const isGranted = (await Notification.requestPermission()) === 'granted';
    setBlocked(!isGranted);
    setNotify(isGranted);
  }

  return (
    <fieldset class="bell">
      <legend class="visually-hidden">Alerts {reasons}</legend>
      {canNotify() && (
        <button
          type="button"
          class="small"
          aria-pressed={notify}
          title={`Notify me ${reasons}`}
          onClick={() => void switchNotify()}
        >
          <BellIcon /> {isBlocked ? 'Blocked by the browser' : 'Notify'}
        </button>
      )}
      <button
        type="button"
        class="small"
        aria-pressed={sound}
        title={`Make a sound ${reasons}`}
        onClick={() => {
          allowSound();
          if (!sound) beep();
          setSound(!sound);
        }}
      >
        <Sign sign="♪" /> Sound
      </button>
    </fieldset>
  );
}

/** Not a character: many systems have a bell only as an emoji. */
function BellIcon(): VNode {
  return (
    <svg class="bell-icon" aria-hidden="true" viewBox="0 0 16 16" width="12" height="12">
      <path
        fill="currentColor"
        d="M8 1a1 1 0 0 1 1 1v.3A4.5 4.5 0 0 1 12.5 6.7V10l1.5 2v1H2v-1l1.5-2V6.7A4.5 4.5 0 0 1 7 2.3V2a1 1 0 0 1 1-1zM6.3 14h3.4a1.7 1.7 0 0 1-3.4 0z"
      />
    </svg>
  );
}

function useSwitch(name: string): readonly [isOn: boolean, set: (isOn: boolean) => void] {
  const [isOn, setOn] = useState(readSetting(name) === 'on');
  const set = (next: boolean): void => {
    writeSetting(name, next ? 'on' : 'off');
    setOn(next);
  };
  return [isOn, set];
}
