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
          <Sign sign="🔔" /> {isBlocked ? 'Blocked by the browser' : 'Notify'}
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

function useSwitch(name: string): readonly [isOn: boolean, set: (isOn: boolean) => void] {
  const [isOn, setOn] = useState(readSetting(name) === 'on');
  const set = (next: boolean): void => {
    writeSetting(name, next ? 'on' : 'off');
    setOn(next);
  };
  return [isOn, set];
}
