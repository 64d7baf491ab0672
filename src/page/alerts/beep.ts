let context: AudioContext | undefined;

/** Lets the page make sounds: browsers allow it after the reader has used the page. */
export function allowSound(): void {
  context ??= new AudioContext();
  void context.resume();
}

/** Two short tones. */
export function beep(): void {
  allowSound();
  if (context === undefined) return;
  for (const [index, frequency] of [660, 880].entries()) {
    const start = context.currentTime + index * 0.22;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.2, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.2);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.2);
  }
}
